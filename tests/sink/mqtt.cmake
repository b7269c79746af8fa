pbxbridge_test(mqtt_unit_tests
  mqtt_outcomes_tests.cpp mqtt_publication_tests.cpp mqtt_session_memory_tests.cpp mqtt_settings_tests.cpp
  LINK pbxbridge_sink_mqtt LABELS unit)

pbxbridge_test(mqtt_sink_tests
  mqtt_broker_tests.cpp mqtt_conformance_tests.cpp mqtt_connection_tests.cpp mqtt_message_tests.cpp
  mqtt_scripted_broker.cpp mqtt_text_tests.cpp
  LINK sink_conformance pbxbridge_route pbxbridge_sink pbxbridge_mosquitto_support LABELS sink)
