// mochi ADDRESS: a mochi that rejects topics below forbidden/.
package main

import (
	"log"
	"os"
	"os/signal"
	"syscall"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
)

func main() {
	server := mqtt.New(nil)
	rules := &auth.Ledger{
		Auth: auth.AuthRules{{Allow: true}},
		ACL: auth.ACLRules{
			{Filters: auth.Filters{"forbidden/#": auth.Deny}},
			{Filters: auth.Filters{"#": auth.ReadWrite}},
		},
	}
	if err := server.AddHook(new(auth.Hook), &auth.Options{Ledger: rules}); err != nil {
		log.Fatal(err)
	}
	if err := server.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: os.Args[1]})); err != nil {
		log.Fatal(err)
	}
	if err := server.Serve(); err != nil {
		log.Fatal(err)
	}
	done := make(chan os.Signal, 1)
	signal.Notify(done, syscall.SIGTERM)
	<-done
	server.Close()
}
