package verify_test

import (
	"context"
	"fmt"
	"log"

	"cotverify/pkg/evidence"
	"cotverify/pkg/policy"
	"cotverify/pkg/report"
	"cotverify/pkg/source/bundle"
	"cotverify/pkg/verify"
)

// A task is verified from a bundle, by keys of one's own.
func ExampleVerifier_Verify() {
	facts, err := bundle.Open("../../testdata/graphs/tampered")
	if err != nil {
		log.Fatal(err)
	}
	defer facts.Close()
	keys, err := policy.LoadKeys("../../testdata/graphs/keys.json")
	if err != nil {
		log.Fatal(err)
	}
	store := evidence.New(facts)
	defer store.Close()

	v := verify.Verifier{Store: store, Policy: policy.Default().WithKeys(keys, "keys.json")}
	r, err := v.Verify(context.Background(), verify.Target{TaskID: facts.Manifest().TaskID})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Verdict, len(r.Links), "links")
	for _, c := range r.Checks {
		if c.Status == report.Fail {
			fmt.Println(c.Check, c.Reason, c.Subject)
		}
	}
	// Output:
	// fail 7 links
	// artifact hash-mismatch public/build/target.tar.xz
}
