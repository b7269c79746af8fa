# Without a broker: librdkafka has a mock cluster of its own.
pbxbridge_test(kafka_unit_tests
  kafka_broker_probe_tests.cpp kafka_ending_tests.cpp kafka_error_text_tests.cpp kafka_group_limit_tests.cpp kafka_message_tests.cpp
  kafka_mock_cluster_tests.cpp kafka_oauth_token_tests.cpp kafka_outcomes_tests.cpp kafka_producer_recreation_tests.cpp
  kafka_record_times_tests.cpp kafka_settings_tests.cpp
  event_loop.cpp recording_observer.cpp redelivering_core.cpp
  LINK pbxbridge_sink_kafka pbxbridge_kafka_test_support LABELS unit)
target_include_directories(kafka_unit_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)

pbxbridge_test(kafka_sink_tests
  kafka_cloudevents_tests.cpp kafka_conformance_tests.cpp kafka_oauth_tests.cpp kafka_refused_batches_tests.cpp kafka_sink_tests.cpp
  LINK sink_conformance pbxbridge_deliver pbxbridge_sink_kafka pbxbridge_kafka_test_support nlohmann_json::nlohmann_json OpenSSL::Crypto
  LABELS sink PROPERTIES FIXTURES_REQUIRED kafka TIMEOUT 240)

add_executable(kafka_throughput EXCLUDE_FROM_ALL kafka_throughput.cpp event_loop.cpp recording_observer.cpp)
target_include_directories(kafka_throughput PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(kafka_throughput PRIVATE pbxbridge_sink_kafka pbxbridge_kafka_test_support GTest::gtest)
