//go:build tools

// Package tools keeps in go.mod what is built from it.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
