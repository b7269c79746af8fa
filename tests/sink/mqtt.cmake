pbxbridge_test(mqtt_unit_tests
  mqtt_outcomes_tests.cpp mqtt_publication_tests.cpp mqtt_session_memory_tests.cpp mqtt_settings_tests.cpp
  LINK pbxbridge_sink_mqtt LABELS unit)

pbxbridge_test(mqtt_sink_tests
  mqtt_broker_tests.cpp mqtt_conformance_tests.cpp mqtt_connection_tests.cpp mqtt_message_tests.cpp
  mqtt_scripted_broker.cpp mqtt_text_tests.cpp
  LINK sink_conformance pbxbridge_route pbxbridge_sink pbxbridge_mosquitto_support LABELS sink)

pbxbridge_test(mqtt_brokers_tests mqtt_brokers_conformance_tests.cpp
  LINK sink_conformance pbxbridge_sink_mqtt pbxbridge_mosquitto_support LABELS sink)

# Of these ctest knows only those on brokers that `./dev test --brokers` has found or installed.
set(PBXBRIDGE_MORE_BROKERS "" CACHE STRING "Further MQTT brokers to test on: aedes;ejabberd;hivemq;mochi;moquette;nats;rabbitmq")
add_executable(mqtt_more_brokers_tests mqtt_more_brokers_tests.cpp)
target_link_libraries(mqtt_more_brokers_tests PRIVATE pbxbridge_options GTest::gmock GTest::gtest_main
  sink_conformance pbxbridge_sink_mqtt pbxbridge_mosquitto_support)
target_compile_options(mqtt_more_brokers_tests PRIVATE -O0)
foreach(broker IN LISTS PBXBRIDGE_MORE_BROKERS)
  gtest_discover_tests(mqtt_more_brokers_tests TEST_FILTER "*_on_${broker}*" TEST_LIST ${broker}_tests
    DISCOVERY_TIMEOUT 60 PROPERTIES LABELS sink TIMEOUT 180)
endforeach()
