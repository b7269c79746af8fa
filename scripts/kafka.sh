# A real Apache Kafka from its own jars.

kafka_jars=.cache/kafka
kafka_java=(java -Xmx512m -cp "$PWD/$kafka_jars/*")

# Apache Kafka's own jars, for a broker that tests and demonstration start themselves.
fetch_kafka() {
  [[ ${PBXBRIDGE_TEST_KAFKA:-} ]] || fetch_jars "Apache Kafka" tests/support/kafka/pom.xml $kafka_jars
}

# prepare_kafka DIRECTORY PORT CONTROLLER_PORT: a broker of one node on 127.0.0.1 that keeps its data in the directory.
prepare_kafka() {
  local directory=$1 port=$2 controller_port=$3
  mkdir -p "$directory"
  cat >"$directory/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller_port
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller_port
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$directory/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
END
  "${kafka_java[@]}" kafka.tools.StorageTool format --cluster-id pbxbridge-demo-00000-Q --config "$directory/server.properties"
}
