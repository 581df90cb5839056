package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"cotverify/pkg/source/cache"

	"github.com/spf13/cobra"
)

func newCache() *cobra.Command {
	var dir string
	command := &cobra.Command{
		Use:   "cache",
		Short: "Show the size of the cache, or make it smaller",
		Long: `Show where the cache is and what it holds: templates at a revision, and artifacts
that a task's CoT artifact names by their hash. Nothing that can change is kept,
such as definitions and lists.`,
		Args: noSuchCommand,
		RunE: func(command *cobra.Command, args []string) error {
			store, path, err := openCache(dir)
			if err != nil {
				return err
			}
			defer store.Close()
			size, err := store.Size()
			if err != nil {
				return err
			}
			return printOut(fmt.Sprintf("%s: %s\n", shown(path), sizeText(size)))
		},
	}
	command.PersistentFlags().StringVar(&dir, "cache-dir", "", "`FOLDER` of the cache (default cotverify in XDG_CACHE_HOME)")
	command.AddCommand(newCachePrune(&dir))
	return command
}

func newCachePrune(dir *string) *cobra.Command {
	size, age := byteSize(10<<30), days(30*24*time.Hour)
	command := &cobra.Command{
		Use:     "prune",
		Short:   "Remove from the cache what was not used for long",
		Example: `  cotverify cache prune --max-size 1GiB --max-age 7d`,
		Args:    atMost(0),
		RunE: func(command *cobra.Command, args []string) error {
			store, path, err := openCache(*dir)
			if err != nil {
				return err
			}
			defer store.Close()
			removed, err := store.Prune(int64(size), time.Duration(age))
			if err != nil {
				return err
			}
			left, err := store.Size()
			if err != nil {
				return err
			}
			return printOut(fmt.Sprintf("%s: removed %s; left: %s\n", shown(path), sizeText(removed), sizeText(left)))
		},
	}
	command.Flags().Var(&size, "max-size", "how much to keep at most, as `SIZE` with KiB, MiB or GiB")
	command.Flags().Var(&age, "max-age", "remove what was not used for so many days, as `AGE` with d or h")
	return command
}

func openCache(dir string) (*cache.Store, string, error) {
	path, err := cacheDir(dir)
	if err != nil {
		return nil, "", err
	}
	store, err := cache.Open(path)
	if err != nil {
		return nil, "", usagef("%v; give another --cache-dir", err)
	}
	return store, path, nil
}

// cacheDir returns the folder of the cache: the one that was given, or the
// user's.
func cacheDir(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", usagef("there is no folder for the cache, as neither XDG_CACHE_HOME nor HOME is set; give --cache-dir")
	}
	return filepath.Join(user, "cotverify"), nil
}

func sizeText(s cache.Size) string {
	files := "files"
	if s.Files == 1 {
		files = "file"
	}
	return fmt.Sprintf("%d %s, %s", s.Files, files, byteSize(s.Bytes).String())
}

// byteSize is a number of bytes on the command line.
type byteSize int64

// Type names the value in the help.
func (b *byteSize) Type() string { return "SIZE" }

func (b byteSize) String() string {
	size, unit := float64(b), "bytes"
	for _, next := range []string{"KiB", "MiB", "GiB"} {
		if size < 1024 {
			break
		}
		size, unit = size/1024, next
	}
	return strconv.FormatFloat(math.Round(size*10)/10, 'f', -1, 64) + " " + unit
}

func (b *byteSize) Set(s string) error {
	number, unit := strings.TrimRight(s, "KMGiB "), int64(1)
	switch strings.TrimSpace(strings.TrimPrefix(s, number)) {
	case "", "B":
	case "KiB", "K":
		unit = 1 << 10
	case "MiB", "M":
		unit = 1 << 20
	case "GiB", "G":
		unit = 1 << 30
	default:
		return fmt.Errorf("%s is no size", quoted(s))
	}
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil || n < 0 {
		return fmt.Errorf("%s is no size", quoted(s))
	}
	*b = byteSize(n * unit)
	return nil
}

// days is a duration on the command line, in days or hours.
type days time.Duration

// Type names the value in the help.
func (d *days) Type() string { return "AGE" }

func (d days) String() string { return fmt.Sprintf("%dd", time.Duration(d)/(24*time.Hour)) }

func (d *days) Set(s string) error {
	unit := 24 * time.Hour
	number := strings.TrimSuffix(s, "d")
	if hours, ok := strings.CutSuffix(s, "h"); ok {
		number, unit = hours, time.Hour
	}
	n, err := strconv.ParseInt(number, 10, 16)
	if err != nil || n < 0 {
		return fmt.Errorf("%s is no age", quoted(s))
	}
	*d = days(time.Duration(n) * unit)
	return nil
}
