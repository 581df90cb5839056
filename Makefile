# Habits of this project. Only Go is needed.

FUZZTIME ?= 60s
CONFORMANCE ?= ../shared/conformance/run
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

REFERENCE_MUTANTS ?= 200

.PHONY: build man module test race lint bench fuzz conformance reference demo generate

build: ## the command, as bin/cotverify
	CGO_ENABLED=0 go build -buildvcs=auto -trimpath -o bin/cotverify ./cmd/cotverify

man: build ## manual pages, in bin/man
	bin/cotverify man bin/man

module: ## give the module another path: make module MODULE=example.org/you/cotverify
	@test -n "$(MODULE)" || { echo "which path? make module MODULE=example.org/you/cotverify"; exit 1; }
	go mod edit -module $(MODULE)
	grep -rlE '"cotverify/((cmd|pkg|internal)/[^"]*)?"' --include='*.go' . | xargs sed -i -E 's#"cotverify/((cmd|pkg|internal)/[^"]*)?"#"$(MODULE)/\1"#'
	sed -i -E 's#^(module |replace |\t)cotverify([ /]|$$)#\1$(MODULE)\2#' test/attest/go.mod
	gofmt -w cmd internal pkg test

test: ## all tests
	go test ./...

race: ## all tests under the race detector, which needs a C compiler
	go test -race ./...

lint: ## formatting, vet and staticcheck
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "not formatted (gofmt -w): $$unformatted"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...

bench: ## all benchmarks
	go test -run '^$$' -bench . -benchmem ./...

fuzz: ## each fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

conformance: build ## the recorded verdicts of the reference, where they are
	$(CONFORMANCE) bin/cotverify

demo: build ## verify a bundled graph, and one that was tampered with
	bin/cotverify verify --bundle testdata/graphs/github-push --keys testdata/graphs/keys.json
	@echo
	bin/cotverify verify --bundle testdata/graphs/tampered --keys testdata/graphs/keys.json; test $$? -eq 1

generate: ## test graphs, expected output and the documents that are made from the program
	go generate ./...
	go test ./pkg/report/... ./cmd/cotverify -update

reference: build ## policy, verdicts and source of the newest scriptworker, which needs Python and a package index
	reference/run bin/cotverify $(REFERENCE_MUTANTS)
