package source_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"cotverify/pkg/source"
	"cotverify/pkg/source/bundle"
)

// A bundle answers for the services: here with a task's definition, with the
// names of its artifacts, and with that there is no artifact of another name.
func ExampleReadAll() {
	b, err := bundle.Open("../../testdata/graphs/github-push")
	if err != nil {
		log.Fatal(err)
	}
	defer b.Close()
	ctx, taskID := context.Background(), b.Manifest().TaskID

	data, _, err := source.ReadAll(ctx, b, source.Task(taskID), 1<<20)
	if err != nil {
		log.Fatal(err)
	}
	var task struct{ Metadata struct{ Name string } }
	if err := json.Unmarshal(data, &task); err != nil {
		log.Fatal(err)
	}
	fmt.Println(task.Metadata.Name)

	names, err := source.ListNames(ctx, b, taskID)
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range names {
		fmt.Println(name)
	}

	_, _, err = source.ReadAll(ctx, b, source.Artifact(taskID, "public/none"), 1<<20)
	fmt.Println(source.IsNotFound(err))
	// Output:
	// signing
	// public/build/target.installer.exe
	// public/build/target.tar.xz
	// public/chain-of-trust.json
	// public/chain-of-trust.json.sig
	// public/logs/live_backing.log
	// true
}
