#!/usr/bin/env bash
# run.sh DIRECTORY MQTT_PORT: Debian's ejabberd with nothing but MQTT on 127.0.0.1, without the network of Erlang's nodes.
# It keeps all that it has in the directory.
set -eu
directory=$1 port=$2
cat >"$directory/ejabberd.yml" <<CONF
hosts: [localhost]
certfiles: []
auth_method: anonymous
anonymous_protocol: both
allow_multiple_connections: true
listen:
  - { port: $port, ip: "127.0.0.1", module: mod_mqtt }
modules:
  mod_mqtt: {}
CONF
libraries=(/usr/lib/*/ejabberd-*/ebin)
export ERL_LIBS=${libraries[0]%/ejabberd-*} HOME=$directory
export EJABBERD_CONFIG_PATH=$directory/ejabberd.yml EJABBERD_LOG_PATH=$directory/ejabberd.log
exec erl -noinput -mnesia dir "\"$directory/database\"" -s ejabberd
