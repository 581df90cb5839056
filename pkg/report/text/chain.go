package text

import "cotverify/pkg/report"

// node is a link at its place in the tree, or a reference to one that is shown
// elsewhere.
type node struct {
	dep      report.Dependency // that led here from the node above
	link     *report.Link      // nil where the chain has no such link
	up       *node             // nil at a root
	shown    place
	children []*node
}

// place says where a node's link is shown.
type place int

const (
	here place = iota
	above
	below
)

// hang makes a tree of the links, the target at its root. A link hangs where
// the walk reached it first, and is referred to wherever else it is a
// dependency. Links that no other leads to come as roots of their own.
func hang(links []report.Link) []*node {
	h := &hanger{byID: make(map[string]*report.Link, len(links)), reached: make(map[string]bool, len(links))}
	for i := range links {
		h.byID[links[i].TaskID] = &links[i]
	}
	var roots []*node
	for i := range links {
		if link := &links[i]; !h.reached[link.TaskID] {
			root := &node{dep: report.Dependency{TaskID: link.TaskID, As: link.TaskType}, link: link}
			h.spread(root)
			roots = append(roots, root)
		}
	}
	seen := make(map[string]bool, len(links))
	for _, root := range roots {
		locate(root, seen)
	}
	return roots
}

type hanger struct {
	byID    map[string]*report.Link
	reached map[string]bool
}

// spread hangs below a root all that it leads to, breadth first as the walk
// is.
func (h *hanger) spread(root *node) {
	h.reached[root.dep.TaskID] = true
	for queue := []*node{root}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		done := make(map[report.Dependency]bool, len(n.link.Dependencies))
		for _, d := range n.link.Dependencies {
			if done[d] || n.implies(d) {
				continue
			}
			done[d] = true
			child := &node{dep: d, link: h.byID[d.TaskID], up: n}
			switch {
			case child.link == nil:
			case h.reached[d.TaskID]:
				child.shown = below
			default:
				h.reached[d.TaskID] = true
				queue = append(queue, child)
			}
			n.children = append(n.children, child)
		}
	}
}

// implies reports whether a dependency goes without saying: that of a task on
// itself, and that on the task that created it, where this is or created the
// task above it. Most tasks of a group have the same creator.
func (n *node) implies(d report.Dependency) bool {
	if d.TaskID == n.dep.TaskID {
		return true
	}
	return d.As == report.AsParent && n.up != nil && (d.TaskID == n.up.dep.TaskID || d.TaskID == n.up.link.Parent)
}

// locate tells references to links that are shown above from those to links
// that are shown below.
func locate(n *node, seen map[string]bool) {
	if n.shown == here {
		seen[n.dep.TaskID] = true
	} else if seen[n.dep.TaskID] {
		n.shown = above
	}
	for _, child := range n.children {
		locate(child, seen)
	}
}
