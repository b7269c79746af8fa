# A real Apache Kafka from its own jars.

kafka_jars=.cache/kafka

# Apache Kafka's own jars, for a broker that tests and demonstration start themselves.
fetch_kafka() {
  [[ ${PBXBRIDGE_TEST_KAFKA:-} ]] && return
  newer_than tests/support/kafka/pom.xml $kafka_jars/.complete && return
  step "Fetching Apache Kafka" kafka mvn -B -ntp -q -f tests/support/kafka/pom.xml dependency:copy-dependencies \
    "-DoutputDirectory=$PWD/$kafka_jars"
  touch $kafka_jars/.complete
}
