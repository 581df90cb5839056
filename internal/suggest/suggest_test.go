package suggest

import "testing"

func TestClosest(t *testing.T) {
	known := []string{"glean", "firefox", "xpi", "docker-image", "task-type", "task"}
	tests := []struct{ word, want string }{
		{"glaen", "glean"},
		{"Glean", "glean"},
		{"firfox", "firefox"},
		{"docker_image", "docker-image"},
		{"tsk", "task"},
		{"xp", "xpi"},
		{"", ""},
		{"zebra", ""},
		{"an-altogether-other-word", ""},
	}
	for _, tt := range tests {
		if got := Closest(tt.word, known); got != tt.want {
			t.Errorf("Closest(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestPhrase(t *testing.T) {
	if got, want := Phrase("glaen", []string{"glean"}), " (did you mean glean?)"; got != want {
		t.Errorf("Phrase = %q, want %q", got, want)
	}
	if got := Phrase("zebra", []string{"glean"}); got != "" {
		t.Errorf("Phrase = %q, want nothing", got)
	}
}
