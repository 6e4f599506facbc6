module flux-promote/oracle

go 1.26.0

require (
	github.com/Masterminds/semver/v3 v3.5.0
	github.com/fluxcd/pkg/version v0.7.0
)

replace github.com/Masterminds/semver/v3 => github.com/Masterminds/semver/v3 v3.3.0
