#include "sink/mqtt/mqtt_client.hpp"

#include "pbxbridge/outcome_queue.hpp"
#include "sink/mqtt/mqtt_outcomes.hpp"

#include <MQTTAsync.h>
#include <boost/asio/post.hpp>

#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace pbxbridge::sink {
namespace {

constexpr int buffered_messages = 4096;  // above every window, so that paho's own limit is never met

/// Owns what paho allocates for a list of MQTT 5 properties.
class Properties {
 public:
  Properties() = default;
  ~Properties() { MQTTProperties_free(&properties_); }
  Properties(const Properties&) = delete;
  Properties& operator=(const Properties&) = delete;

  void add(MQTTPropertyCodes code, std::string_view text) {
    MQTTProperty property{};
    property.identifier = code;
    property.value.data = lenstring(text);
    MQTTProperties_add(&properties_, &property);
  }
  void add(std::string_view name, std::string_view value) {
    MQTTProperty property{};
    property.identifier = MQTTPROPERTY_CODE_USER_PROPERTY;
    property.value.data = lenstring(name);
    property.value.value = lenstring(value);
    MQTTProperties_add(&properties_, &property);
  }
  void add(MQTTPropertyCodes code, std::uint32_t number) {
    MQTTProperty property{};
    property.identifier = code;
    property.value.integer4 = number;
    MQTTProperties_add(&properties_, &property);
  }
  MQTTProperties& get() { return properties_; }

 private:
  static MQTTLenString lenstring(std::string_view text) {
    return {static_cast<int>(text.size()), const_cast<char*>(text.data())};
  }
  MQTTProperties properties_ = MQTTProperties_initializer;
};

template <class Number>
std::optional<Number> number(MQTTProperties& properties, MQTTPropertyCodes code) {
  if (!MQTTProperties_hasProperty(&properties, code)) return std::nullopt;
  return static_cast<Number>(static_cast<unsigned>(MQTTProperties_getNumericValue(&properties, code)));
}

std::string reason_string(MQTTProperties& properties) {
  const MQTTProperty* found = MQTTProperties_getProperty(&properties, MQTTPROPERTY_CODE_REASON_STRING);
  if (found == nullptr) return {};
  return std::string(found->value.data.data, static_cast<std::size_t>(found->value.data.len));
}

BrokerLimits limits_of(MQTTProperties& properties) {
  BrokerLimits limits;
  limits.receive_maximum = number<std::uint32_t>(properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM);
  limits.maximum_packet_size = number<std::uint32_t>(properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE);
  limits.maximum_qos = number<int>(properties, MQTTPROPERTY_CODE_MAXIMUM_QOS);
  if (const auto retain = number<int>(properties, MQTTPROPERTY_CODE_RETAIN_AVAILABLE))
    limits.retain_available = *retain != 0;
  if (const auto keep_alive = number<int>(properties, MQTTPROPERTY_CODE_SERVER_KEEP_ALIVE))
    limits.server_keep_alive = std::chrono::seconds(*keep_alive);
  return limits;
}

/// paho's scheme, host and port, and for WebSocket the path.
std::string paho_uri(const MqttSettings& settings, const std::string& host) {
  url::Endpoint endpoint = settings.endpoint();
  std::string scheme = endpoint.scheme;
  if (scheme == "mqtt") scheme = "tcp";
  if (scheme == "mqtts") scheme = "ssl";
  endpoint.host = host;
  std::string uri = scheme + "://" + url::authority(endpoint);
  if (settings.uses_websocket() && endpoint.target != "/") uri += endpoint.target;
  return uri;
}

const char* text_or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

}  // namespace

void initialize_mqtt_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    options.do_openssl_init = 0;  // OpenSSL 3 does it by itself, once for the whole process
    MQTTAsync_global_init(&options);
    // paho ends its threads with its last client, and destroying that one would block the caller for a tenth of a
    // second to wait for them. This client, which never connects, is never the last and stays to the end of the
    // process. The price: threads that idle notice a new connection only after up to a second.
    static MQTTAsync keeps_library_running = nullptr;
    MQTTAsync_create(&keeps_library_running, "tcp://127.0.0.1:1", "idle", MQTTCLIENT_PERSISTENCE_NONE, nullptr);
  });
}

/// Reached by paho's threads through the callbacks' context; what is not constant belongs to the executor's thread.
struct MqttClient::State : std::enable_shared_from_this<State> {
  /// The context of one message's callbacks; its address must not change while paho knows it.
  struct InFlight {
    State* state;
    std::uint64_t token;
  };

  State(const MqttSettings& all_settings, Options all_options, boost::asio::any_io_executor io,
        MqttClientObserver& receiver)
      : settings(all_settings), options(std::move(all_options)), executor(std::move(io)), observer(&receiver) {}

  /// From any thread: `event` runs on the executor while the client stands.
  template <class Event>
  void post(Event event) {
    boost::asio::post(executor, [self = shared_from_this(), event = std::move(event)]() mutable {
      if (self->observer != nullptr) event(*self);
    });
  }
  void post_end(ConnectionEnd end) {
    post([end = std::move(end)](State& self) { self.observer->client_ended(end); });
  }
  void post_connected(BrokerLimits limits) {
    post([limits](State& self) { self.observer->client_connected(limits); });
  }
  void post_connect_failure(int code, int reason_code) {
    const int refusal = reason_code >= 0x80 ? reason_code : code;
    if (refusal > 0) return post_end({ConnectionEnd::Cause::refused, refusal, {}, {}});
    post_end({ConnectionEnd::Cause::not_connected, 0, {}, std::exchange(tls_error, {})});
  }
  static void finish(const InFlight& in_flight, Outcome outcome) {
    in_flight.state->outcomes->push(in_flight.token, std::move(outcome));
  }

  void set_callbacks();
  void set_publish_callbacks(MQTTAsync_responseOptions& response) const;

  const MqttSettings& settings;
  const Options options;
  const boost::asio::any_io_executor executor;
  MqttClientObserver* observer;  // null once the client is destroyed
  MQTTAsync handle = nullptr;
  std::shared_ptr<OutcomeQueue> outcomes;
  std::unordered_map<std::uint64_t, InFlight> in_flight;
  std::string tls_error;  // of paho's threads, one at a time under paho's lock
};

void MqttClient::State::set_callbacks() {
  MQTTAsync_setConnectionLostCallback(handle, this, [](void* context, char*) {
    static_cast<State*>(context)->post_end({ConnectionEnd::Cause::dropped, 0, {}, {}});
  });
  // Nothing is subscribed; but a session that is not started clean may hold subscriptions of another program.
  MQTTAsync_setMessageArrivedCallback(handle, this, [](void*, char* topic, int, MQTTAsync_message* message) {
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
  });
  if (settings.version == MqttVersion::v5)
    MQTTAsync_setDisconnected(handle, this, [](void* context, MQTTProperties* properties, MQTTReasonCodes code) {
      static_cast<State*>(context)->post_end(
          {ConnectionEnd::Cause::disconnected, code, reason_string(*properties), {}});
    });
}

void MqttClient::State::set_publish_callbacks(MQTTAsync_responseOptions& response) const {
  if (settings.version == MqttVersion::v5) {
    response.onSuccess5 = [](void* context, MQTTAsync_successData5* data) {
      finish(*static_cast<InFlight*>(context), publish_outcome(data->reasonCode, {}));
    };
    response.onFailure5 = [](void* context, MQTTAsync_failureData5* data) {
      // The reason code alone tells: a refusal comes with return code 0.
      const bool by_broker = data->reasonCode >= MQTTREASONCODE_UNSPECIFIED_ERROR;
      finish(*static_cast<InFlight*>(context), by_broker
                                                   ? publish_outcome(data->reasonCode, reason_string(data->properties))
                                                   : library_outcome(data->code));
    };
  } else {
    response.onSuccess = [](void* context, MQTTAsync_successData*) {
      finish(*static_cast<InFlight*>(context), Outcome::delivered());
    };
    response.onFailure = [](void* context, MQTTAsync_failureData* data) {
      finish(*static_cast<InFlight*>(context), library_outcome(data->code));
    };
  }
}

MqttClient::MqttClient(const MqttSettings& settings, Options options, const boost::asio::any_io_executor& executor,
                       MqttClientObserver& observer)
    : state_(std::make_shared<State>(settings, std::move(options), executor, observer)) {
  initialize_mqtt_library();
  state_->outcomes =
      std::make_shared<OutcomeQueue>(executor, [state = state_.get()](std::uint64_t token, Outcome outcome) {
        state->in_flight.erase(token);
        state->observer->client_outcome(token, std::move(outcome));
      });
  MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer;
  create.MQTTVersion = settings.version == MqttVersion::v5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
  create.maxBufferedMessages = buffered_messages;
  const std::string uri = paho_uri(settings, state_->options.uri_host);
  const int code = MQTTAsync_createWithOptions(&state_->handle, uri.c_str(), state_->options.client_id.c_str(),
                                               MQTTCLIENT_PERSISTENCE_NONE, nullptr, &create);
  if (code != MQTTASYNC_SUCCESS) throw std::runtime_error("the MQTT library made no client: " + std::to_string(code));
  state_->set_callbacks();
}

MqttClient::~MqttClient() {
  state_->observer = nullptr;
  state_->outcomes->stop();
  MQTTAsync_destroy(&state_->handle);  // no callback runs after this
}

std::optional<Error> MqttClient::connect() {
  const MqttSettings& settings = state_->settings;
  const bool version_5 = settings.version == MqttVersion::v5;
  MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer;
  if (version_5) connect = MQTTAsync_connectOptions_initializer5;
  connect.MQTTVersion = version_5 ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
  connect.keepAliveInterval = static_cast<int>(state_->options.keep_alive.count());
  (version_5 ? connect.cleanstart : connect.cleansession) = settings.clean_start ? 1 : 0;
  connect.maxInflight = buffered_messages;
  connect.connectTimeout =
      static_cast<int>(std::chrono::ceil<std::chrono::seconds>(settings.connect_timeout).count()) + 5;
  connect.username = text_or_null(settings.username);
  if (settings.password.is_set()) {
    connect.binarypwd.data = state_->options.password.data();
    connect.binarypwd.len = static_cast<int>(state_->options.password.size());
  }

  MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
  will.topicName = state_->options.status_topic.c_str();
  will.message = "offline";
  will.retained = 1;
  will.qos = 1;
  if (!state_->options.status_topic.empty()) connect.will = &will;

  MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
  const std::string ca_file = settings.tls.ca_file.string();
  const std::string cert_file = settings.tls.cert_file.string();
  const std::string key_file = settings.tls.key_file.string();
  tls.trustStore = text_or_null(ca_file);
  tls.disableDefaultTrustStore = ca_file.empty() ? 0 : 1;
  tls.keyStore = text_or_null(cert_file);
  tls.privateKey = text_or_null(key_file);
  tls.privateKeyPassword = text_or_null(state_->options.key_password);
  tls.enableServerCertAuth = settings.tls.insecure_skip_verify ? 0 : 1;
  tls.verify = tls.enableServerCertAuth;  // the host name; paho's default leaves it unchecked
  tls.ssl_error_context = state_.get();
  tls.ssl_error_cb = [](const char* text, std::size_t size, void* context) {
    static_cast<State*>(context)->tls_error.assign(text, size);
    return 1;
  };
  if (settings.uses_tls()) connect.ssl = &tls;

  connect.context = state_.get();
  if (version_5) {
    connect.onSuccess5 = [](void* context, MQTTAsync_successData5* data) {
      static_cast<State*>(context)->post_connected(limits_of(data->properties));
    };
    connect.onFailure5 = [](void* context, MQTTAsync_failureData5* data) {
      static_cast<State*>(context)->post_connect_failure(data->code, data->reasonCode);
    };
  } else {
    connect.onSuccess = [](void* context, MQTTAsync_successData*) { static_cast<State*>(context)->post_connected({}); };
    connect.onFailure = [](void* context, MQTTAsync_failureData* data) {
      static_cast<State*>(context)->post_connect_failure(data->code, 0);
    };
  }
  const int code = MQTTAsync_connect(state_->handle, &connect);
  if (code == MQTTASYNC_SUCCESS) return std::nullopt;
  return Error{ErrorCategory::internal, "the MQTT library does not connect: " + std::string(MQTTAsync_strerror(code))};
}

std::optional<Outcome> MqttClient::publish(std::uint64_t token, const Publication& publication) {
  const auto [entry, added] = state_->in_flight.try_emplace(token, State::InFlight{state_.get(), token});
  if (!added) return Outcome::retry("it is in flight already");

  MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
  response.context = &entry->second;
  state_->set_publish_callbacks(response);
  Properties properties;
  if (state_->settings.version == MqttVersion::v5) {
    if (!publication.content_type.empty()) properties.add(MQTTPROPERTY_CODE_CONTENT_TYPE, publication.content_type);
    if (publication.message_expiry)
      properties.add(MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
                     static_cast<std::uint32_t>(publication.message_expiry->count()));
    for (const auto& [name, value] : publication.user_properties) properties.add(name, value);
    response.properties = properties.get();
  }
  MQTTAsync_message message = MQTTAsync_message_initializer;
  message.payload = const_cast<char*>(publication.payload.data());
  message.payloadlen = static_cast<int>(publication.payload.size());
  message.qos = publication.qos;
  message.retained = publication.retain ? 1 : 0;
  message.properties = response.properties;

  const int code = MQTTAsync_sendMessage(state_->handle, publication.topic.c_str(), &message, &response);
  if (code == MQTTASYNC_SUCCESS) return std::nullopt;
  state_->in_flight.erase(entry);
  return library_outcome(code);
}

void MqttClient::disconnect(std::chrono::milliseconds timeout) {
  const bool version_5 = state_->settings.version == MqttVersion::v5;
  MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
  if (version_5) options = MQTTAsync_disconnectOptions_initializer5;
  options.timeout = static_cast<int>(timeout.count());
  options.context = state_.get();
  if (version_5)
    options.onSuccess5 = [](void* context, MQTTAsync_successData5*) {
      static_cast<State*>(context)->post([](State& self) { self.observer->client_disconnected(); });
    };
  else
    options.onSuccess = [](void* context, MQTTAsync_successData*) {
      static_cast<State*>(context)->post([](State& self) { self.observer->client_disconnected(); });
    };
  if (MQTTAsync_disconnect(state_->handle, &options) != MQTTASYNC_SUCCESS)
    state_->post([](State& self) { self.observer->client_disconnected(); });
}

}  // namespace pbxbridge::sink
