#include "nats_session.hpp"

#include "nats_outcome.hpp"

#include <charconv>
#include <pbxbridge/event.hpp>
#include <thread>
#include <utility>

namespace nats_sink {

using pbxbridge::Error;
using pbxbridge::ErrorCategory;
using pbxbridge::Format;

namespace {

template <class T, void (*destroy)(T*)>
struct Destroy {
  void operator()(T* object) const { destroy(object); }
};
using Options = std::unique_ptr<natsOptions, Destroy<natsOptions, natsOptions_Destroy>>;
using OwnedMessage = std::unique_ptr<natsMsg, Destroy<natsMsg, natsMsg_Destroy>>;

/// Argument of the callbacks of libnats. Its threads may call while the session ends, so each closure lives until the
/// last call.
using Closure = std::weak_ptr<NatsSession>;

std::shared_ptr<NatsSession> session_of(void* closure) { return static_cast<Closure*>(closure)->lock(); }
void free_closure(void* closure) { delete static_cast<Closure*>(closure); }

}  // namespace

NatsSession::NatsSession(const NatsSettings& settings, std::string name,
                         std::shared_ptr<pbxbridge::OutcomeQueue> outcomes, Handlers handlers)
    : settings_(settings),
      name_(std::move(name)),
      outcomes_(std::move(outcomes)),
      handlers_(std::move(handlers)),
      attributes_(pbxbridge::AttributeSelection(settings.attributes)) {}

NatsSession::~NatsSession() {
  natsSubscription_Destroy(acknowledgements_);
  natsConnection_Destroy(connection_);
}

void NatsSession::start() {
  std::thread([self = shared_from_this()] { self->run(); }).detach();
}

void NatsSession::publish(Message message) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(message));
  if (queue_.size() == 1) changed_.notify_one();
}

void NatsSession::abandon() {
  const std::lock_guard lock(mutex_);
  abandoned_ = true;
  handlers_ = {};
  changed_.notify_one();
}

bool NatsSession::is_abandoned() {
  const std::lock_guard lock(mutex_);
  return abandoned_ || lost_;
}

void NatsSession::run() {
  if (const natsStatus status = connect(); status != NATS_OK) {
    lose("no connection to " + settings_.url + ": " + natsStatus_GetText(status));
  } else {
    {
      const std::lock_guard lock(mutex_);
      if (handlers_.connected)
        handlers_.connected(settings_.url, static_cast<std::size_t>(natsConnection_GetMaxPayload(connection_)));
    }
    for (bool going_on = true; going_on;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return abandoned_ || lost_ || !queue_.empty(); });
      going_on = !abandoned_ && !lost_;
      auto messages = std::exchange(queue_, {});
      lock.unlock();
      if (going_on) going_on = publish_all(std::move(messages));
    }
  }
  natsConnection_Close(connection_);
}

natsStatus NatsSession::connect() {
  natsOptions* made = nullptr;
  if (const natsStatus status = natsOptions_Create(&made); status != NATS_OK) return status;
  const Options options(made);
  std::string password;
  if (const natsStatus status = configure(made, password); status != NATS_OK) return status;
  auto closure = std::make_unique<Closure>(weak_from_this());
  if (const natsStatus status = natsOptions_SetClosedCB(made, &closed, closure.get()); status != NATS_OK) return status;
  if (const natsStatus status = natsConnection_Connect(&connection_, made); status != NATS_OK) return status;
  static_cast<void>(closure.release());  // `closed` frees it
  return subscribe();
}

natsStatus NatsSession::subscribe() {
  natsInbox* inbox = nullptr;
  if (const natsStatus status = natsInbox_Create(&inbox); status != NATS_OK) return status;
  inbox_ = std::string(inbox) + ".";
  natsInbox_Destroy(inbox);
  auto closure = std::make_unique<Closure>(weak_from_this());
  natsStatus status =
      natsConnection_Subscribe(&acknowledgements_, connection_, (inbox_ + "*").c_str(), &acknowledged, closure.get());
  if (status != NATS_OK) return status;
  status = natsSubscription_SetOnCompleteCB(acknowledgements_, &free_closure, closure.get());
  static_cast<void>(closure.release());
  return status == NATS_OK ? natsSubscription_SetPendingLimits(acknowledgements_, -1, -1) : status;
}

/// The core connects again and delivers again, so libnats must do neither.
natsStatus NatsSession::configure(natsOptions* options, std::string& password) const {
  const auto timeout = settings_.connect_timeout.count();
  if (!settings_.username.empty()) {
    if (auto read = settings_.password.read()) password = std::move(*read);
    if (const auto status = natsOptions_SetUserInfo(options, settings_.username.c_str(), password.c_str());
        status != NATS_OK)
      return status;
  }
  for (const natsStatus status :
       {natsOptions_SetURL(options, settings_.url.c_str()), natsOptions_SetName(options, name_.c_str()),
        natsOptions_SetTimeout(options, timeout), natsOptions_SetAllowReconnect(options, false),
        natsOptions_SetNoEcho(options, false), natsOptions_SetPingInterval(options, 10'000),
        natsOptions_SetMaxPingsOut(options, 2), natsOptions_SetWriteDeadline(options, settings_.ack_timeout.count())})
    if (status != NATS_OK) return status;
  return NATS_OK;
}

bool NatsSession::publish_all(std::deque<Message> messages) {
  for (const Message& message : messages) {
    if (is_abandoned()) return false;
    const natsStatus status = send(message);
    if (status == NATS_MAX_PAYLOAD) {
      reject(message.token, "its payload and headers are larger than the server takes");
    } else if (status != NATS_OK) {
      lose("the connection to " + settings_.url + " failed: " + natsStatus_GetText(status));
      return false;
    }
  }
  return true;
}

natsStatus NatsSession::send(const Message& content) {
  const Format format = message_format(*content.event, content.format);
  if (format != Format::raw) attributes_.compose(*content.event, content.redelivery);
  std::string_view payload = message_payload(*content.event);
  if (format == Format::cloudevents_structured) {
    structured_ = pbxbridge::cloudevents_structured(*content.event, attributes_);
    payload = structured_;
  }
  natsMsg* made = nullptr;
  const std::string reply = inbox_ + std::to_string(content.token);
  if (const natsStatus status = natsMsg_Create(&made, content.subject.c_str(), reply.c_str(), payload.data(),
                                               static_cast<int>(payload.size()));
      status != NATS_OK)
    return status;
  const OwnedMessage message(made);
  add_headers(made, content, format);
  return natsConnection_PublishMsg(connection_, made);
}

/// A stream drops what comes under an id that it has seen in its duplicate window. One event may go to several subjects
/// of a stream, so the subject belongs to the id.
void NatsSession::add_headers(natsMsg* message, const Message& content, Format format) {
  text_.clear();
  content.event->append_id(text_);
  text_.append("@").append(content.subject);
  natsMsgHeader_Set(message, "Nats-Msg-Id", text_.c_str());
  if (format == Format::cloudevents_structured)
    natsMsgHeader_Set(message, "content-type", std::string(pbxbridge::structured_content_type).c_str());
  if (format != Format::cloudevents) return;
  if (!content.event->is_removal())
    natsMsgHeader_Set(message, "ce-datacontenttype", std::string(payload_content_type(*content.event)).c_str());
  for (const auto& [name, value] : attributes_)
    natsMsgHeader_Set(message, ("ce-" + std::string(name)).c_str(), std::string(value).c_str());
}

void NatsSession::take_acknowledgement(natsMsg* acknowledgement) {
  const std::string_view subject = natsMsg_GetSubject(acknowledgement);
  const auto digits = subject.substr(subject.rfind('.') + 1);
  std::uint64_t token = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), token);
  if (error != std::errc() || end != digits.data() + digits.size()) return;
  const std::string_view answer(natsMsg_GetData(acknowledgement),
                                static_cast<std::size_t>(natsMsg_GetDataLength(acknowledgement)));
  const std::lock_guard lock(mutex_);
  if (abandoned_ || lost_) return;
  outcomes_->push(token, natsMsg_IsNoResponders(acknowledgement) ? no_responders() : outcome_of(answer));
}

void NatsSession::reject(std::uint64_t token, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (!abandoned_ && !lost_) outcomes_->push(token, pbxbridge::Outcome::reject(std::move(reason)));
}

void NatsSession::lose(std::string text) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(lost_, true)) return;
  changed_.notify_one();
  if (handlers_.lost) handlers_.lost({.category = ErrorCategory::network, .text = std::move(text)});
}

void NatsSession::acknowledged(natsConnection*, natsSubscription*, natsMsg* message, void* closure) {
  const OwnedMessage owned(message);
  if (const auto session = session_of(closure)) session->take_acknowledgement(message);
}

void NatsSession::closed(natsConnection* connection, void* closure) {
  const char* error = nullptr;
  natsConnection_GetLastError(connection, &error);
  if (const auto session = session_of(closure))
    session->lose("the connection to " + session->settings_.url + " has ended" +
                  (error != nullptr && *error != '\0' ? std::string(": ") + error : std::string()));
  free_closure(closure);
}

}  // namespace nats_sink
