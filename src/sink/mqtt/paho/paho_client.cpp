#include "sink/mqtt/paho/paho_client.hpp"

#include "async/background_thread.hpp"
#include "sink/mqtt/paho/paho_library.hpp"

#include <boost/asio/post.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mqtt/async_client.h>
#include <mutex>
#include <optional>
#include <utility>

namespace pbxbridge::sink {
namespace {

using Kind = PahoReport::Kind;

/// Nothing is subscribed to it; an UNSUBSCRIBE is what every broker answers.
constexpr const char* probe_topic = "pbxbridge/probe";

void* context_of(std::uint64_t token) {
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(token));  // NOLINT(performance-no-int-to-ptr)
}

std::uint64_t token_of(const ::mqtt::token& token) {
  return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(token.get_user_context()));
}

int qos_of(const ::mqtt::token& token) {
  return static_cast<const ::mqtt::delivery_token&>(token).get_message()->get_qos();
}

}  // namespace

/// The jobs for the library, and what it reports. Its own thread holds it until the library has let go of it.
class PahoClient::Session final : public std::enable_shared_from_this<Session>, ::mqtt::iaction_listener {
 public:
  using Job = std::function<void(::mqtt::async_client&)>;

  Session(std::string uri, std::string client_id, mqtt::Version version, boost::asio::any_io_executor executor,
          Take take)
      : uri_(std::move(uri)),
        client_id_(std::move(client_id)),
        version_(version),
        executor_(std::move(executor)),
        take_(std::move(take)) {}

  mqtt::Version version() const { return version_; }
  ::mqtt::iaction_listener& listener() { return *this; }

  // On the io thread:

  void start() {
    async::run_in_background([self = shared_from_this()] { self->run(); });
  }
  /// The library reads the HTTP headers where they are, for as long as it lives.
  void keep(PahoConnectOptions options) { options_ = std::move(options); }
  void add(Job job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    changed_.notify_all();
  }
  /// Nothing more is reported, and what has not begun is not done any more.
  void stop() {
    take_ = nullptr;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
  }

  // On any thread:

  void report(PahoReport report) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;  // the executor may be gone
    reports_.push_back(std::move(report));
    if (reports_.size() == 1) boost::asio::post(executor_, [self = shared_from_this()] { self->hand_off(); });
  }

 private:
  void run();
  std::optional<Job> next_job();
  void set_handlers(::mqtt::async_client& client);
  void hand_off();

  void on_success(const ::mqtt::token& token) override;
  void on_failure(const ::mqtt::token& token) override;

  const std::string uri_;
  const std::string client_id_;
  const mqtt::Version version_;
  const boost::asio::any_io_executor executor_;
  PahoConnectOptions options_;
  Take take_;  // io thread only; null once stopped
  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_:
  std::deque<Job> jobs_;
  std::vector<PahoReport> reports_;
  bool stopped_ = false;
};

void PahoClient::Session::hand_off() {
  std::vector<PahoReport> reports;
  {
    const std::lock_guard lock(mutex_);
    reports.swap(reports_);
  }
  if (const Take take = take_) take(reports);  // a copy: it may be stopped within
}

// On this session's own thread

void PahoClient::Session::run() {
  try {
    ::mqtt::async_client client(uri_, client_id_, paho_create_options(version_));
    set_handlers(client);
    while (const auto job = next_job()) (*job)(client);
  } catch (const ::mqtt::exception&) {
    report({.kind = Kind::failed});  // the library made no client
  }
}

std::optional<PahoClient::Session::Job> PahoClient::Session::next_job() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopped_ || !jobs_.empty(); });
  if (stopped_) return std::nullopt;
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  return job;
}

// On the library's threads

void PahoClient::Session::set_handlers(::mqtt::async_client& client) {
  client.set_connection_lost_handler([this](const std::string&) {
    report({.kind = paho_cause().kind == PahoCause::Kind::silence ? Kind::silent : Kind::dropped});
  });
  // A session that is kept may hold subscriptions of another program: what comes is acknowledged, and nothing else.
  client.set_message_callback([](const ::mqtt::const_message_ptr&) {});
  if (version_ == mqtt::Version::v5)
    client.set_disconnected_handler([this](const ::mqtt::properties& properties, ::mqtt::ReasonCode code) {
      report({.kind = Kind::disconnected,
              .code = code,
              .text = text_of(properties, ::mqtt::property::REASON_STRING),
              .server_reference = text_of(properties, ::mqtt::property::SERVER_REFERENCE)});
    });
}

void PahoClient::Session::on_success(const ::mqtt::token& token) {
  switch (token.get_type()) {
    case ::mqtt::token::Type::CONNECT:
      return report({.kind = Kind::accepted,
                     .connack = std::make_shared<const mqtt::Connack>(connack_of(token.get_connect_response())),
                     .socket = std::make_shared<const PahoSocket>(paho_cause().socket)});
    case ::mqtt::token::Type::PUBLISH: {
      const int qos = qos_of(token);
      return report({.kind = Kind::outcome,
                     .token = token_of(token),
                     .verdict = qos == 0 ? PahoVerdict{} : judge(static_cast<unsigned>(qos), paho_cause())});
    }
    case ::mqtt::token::Type::DISCONNECT:
      return report({.kind = Kind::closed});
    default:
      return report({.kind = Kind::probed});
  }
}

void PahoClient::Session::on_failure(const ::mqtt::token& token) {
  const int reason = token.get_reason_code();
  const bool by_broker = version_ == mqtt::Version::v5 && reason >= mqtt::reason::first_failure && reason <= 0xFF;
  switch (token.get_type()) {
    case ::mqtt::token::Type::CONNECT: {
      const int code = by_broker ? reason : token.get_return_code();  // CONNACK's is the latter
      return report({.kind = code > 0 ? Kind::rejected : Kind::failed, .code = code});
    }
    case ::mqtt::token::Type::PUBLISH:
      if (!by_broker) return;  // the connection has ended, which is reported too
      return report({.kind = Kind::outcome,
                     .code = reason,
                     .token = token_of(token),
                     .verdict = judge(static_cast<unsigned>(qos_of(token)), paho_cause())});
    case ::mqtt::token::Type::DISCONNECT:
      return report({.kind = Kind::closed});
    default:
      if (by_broker) report({.kind = Kind::probed});
  }
}

// On the io thread

PahoClient::PahoClient(std::string uri, std::string client_id, mqtt::Version version,
                       boost::asio::any_io_executor executor, Take take)
    : session_(std::make_shared<Session>(std::move(uri), std::move(client_id), version, std::move(executor),
                                         std::move(take))) {
  prepare_paho_library();
  session_->start();
}

PahoClient::~PahoClient() { session_->stop(); }

void PahoClient::connect(PahoConnectOptions options) {
  session_->keep(options);
  session_->add([&options = *options, session = session_.get()](::mqtt::async_client& client) {
    try {
      client.connect(options, nullptr, session->listener());
    } catch (const ::mqtt::exception&) {
      session->report({.kind = Kind::failed});
    }
  });
}

void PahoClient::publish(std::uint64_t token, const mqtt::Publish& publish) {
  session_->add([token, message = paho_message(publish, session_->version()),
                 session = session_.get()](::mqtt::async_client& client) {
    try {
      client.publish(message, context_of(token), session->listener());
    } catch (const ::mqtt::exception& error) {
      if (error.get_return_code() != MQTTASYNC_DISCONNECTED)  // which is reported too
        session->report({.kind = Kind::not_sent, .token = token, .text = error.to_string()});
    }
  });
}

void PahoClient::probe() {
  session_->add([session = session_.get()](::mqtt::async_client& client) {
    try {
      client.unsubscribe(probe_topic, nullptr, session->listener());
    } catch (const ::mqtt::exception&) {
      return;  // the connection has ended, which is reported too
    }
  });
}

void PahoClient::disconnect() {
  session_->add([session = session_.get()](::mqtt::async_client& client) {
    try {
      client.disconnect(0, nullptr, session->listener());
    } catch (const ::mqtt::exception&) {
      session->report({.kind = Kind::closed});
    }
  });
}

}  // namespace pbxbridge::sink
