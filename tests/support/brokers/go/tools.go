//go:build tools

// Package brokers keeps in go.mod what is installed from it.
package brokers

import _ "github.com/nats-io/nats-server/v2"
