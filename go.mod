module cotverify

go 1.26.8
