#!/usr/bin/env bash
# run.sh DIRECTORY EPMD_PORT NODE_PORT: a RabbitMQ that keeps all that it has in the directory, where rabbitmq.conf and enabled_plugins
# are. The port mapper that Erlang's nodes need is one of its own, and ends with it.
set -eu
directory=$1 epmd_port=$2 node_port=$3
export HOME=$directory ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd_port
export RABBITMQ_NODENAME=test@localhost RABBITMQ_DIST_PORT=$node_port RABBITMQ_CONFIG_FILE=$directory/rabbitmq RUNNING_UNDER_SYSTEMD=1
export RABBITMQ_ENABLED_PLUGINS_FILE=$directory/enabled_plugins RABBITMQ_MNESIA_BASE=$directory/mnesia RABBITMQ_LOG_BASE=$directory
export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}'
setpriv --pdeathsig KILL epmd -address 127.0.0.1 -port "$epmd_port" &
exec /usr/lib/rabbitmq/bin/rabbitmq-server
