package report_test

import (
	"fmt"

	"cotverify/pkg/report"
)

// The verdict is a function of the checks alone, and a failure's key is the
// same in every push.
func ExampleReport_Conclude() {
	r := report.Report{
		Schema: report.Schema,
		Links:  []report.Link{{TaskID: "IWjnqVarTJeCW1SIckQFiA", Name: "signing:build", Label: "build-linux64"}},
		Checks: []report.Check{
			{Check: "task", Status: report.Pass, TaskID: "IWjnqVarTJeCW1SIckQFiA"},
			report.Check{
				Check: "artifact", Status: report.Fail, TaskID: "IWjnqVarTJeCW1SIckQFiA",
				Subject: "public/build/target.tar.xz", Message: "it is not what the worker signed",
			}.Because(report.HashMismatch),
		},
	}
	r.Conclude(false)
	fmt.Println(r.Verdict, r.Checks[1].Key)
	// Output:
	// fail artifact:hash-mismatch:build-linux64:public/build/target.tar.xz
}
