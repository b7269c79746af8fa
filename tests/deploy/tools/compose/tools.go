//go:build tools

// Package tools keeps in go.mod what is built from it.
package tools

import _ "github.com/docker/compose/v2/cmd"
