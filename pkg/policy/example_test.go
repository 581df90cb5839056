package policy_test

import (
	"fmt"
	"strings"

	"cotverify/pkg/policy"
)

// A product of one's own is put over the embedded ones.
func Example() {
	p, err := policy.Default().Overlay([]byte(`
products:
  widget:
    hosting: github
    env_prefix: WIDGET
    official_owner: acme
    tasks_for: [github-push, action]
    trusted_repos:
    - schemes: [https]
      hosts: [github.com]
      paths: ['^(?P<path>/acme/widget)(/|\.git|$)']
    decision_pools: [widget-3/decision]
    trees:
      release: [/acme/widget]
    restricted_scopes:
      project:widget:signing:cert:release: release
`), "widget.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.Join(p.ProductNames(), " "))

	widget := p.Products["widget"]
	for _, source := range []string{
		"https://github.com/acme/widget/blob/1f0e/taskcluster/kinds/build",
		"https://github.com/someone/widget/blob/1f0e/taskcluster/kinds/build",
	} {
		if tree, ok := widget.TreeOf(source); ok {
			fmt.Println("of the tree", tree)
		} else {
			fmt.Println("of no trusted tree")
		}
	}
	// Output:
	// adhoc app-services enterprise firefox glean mobile mozillavpn scriptworker thunderbird translations widget xpi
	// of the tree /acme/widget
	// of no trusted tree
}
