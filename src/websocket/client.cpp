#include "websocket/client.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>
#include <simdjson.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pbxbridge::websocket {

namespace {

using Kind = Client::Incoming::Kind;

std::uint32_t random_mask() {
  std::uint32_t mask = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&mask), sizeof mask) != 1)
    throw std::runtime_error("OpenSSL has no random bytes");
  return mask;
}

std::string close_payload(CloseCode code) {
  const auto number = static_cast<std::uint16_t>(code);
  return {static_cast<char>(number >> 8), static_cast<char>(number)};
}

/// Returns whether the code may be in a close frame (section 7.4).
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

Client::Client(Settings settings) : settings_(std::move(settings)) {}

void Client::begin() {
  key_ = make_key();
  output_ += handshake_request({settings_.authority, settings_.target, settings_.subprotocol, settings_.headers}, key_);
}

Client::Incoming Client::next(std::string_view& bytes) {
  if (phase_ == Phase::handshake) return read_handshake(bytes);
  while (phase_ == Phase::open)
    if (auto incoming = skipped_ ? skip(bytes) : read_frame(bytes)) return std::move(*incoming);
  return {};
}

void Client::close() {
  if (!is_open() || std::exchange(close_sent_, true)) return;
  append_masked_frame(output_, Opcode::close, close_payload(CloseCode::normal), random_mask());
}

void Client::send(Opcode opcode, std::string_view payload) {
  if (is_open() && !close_sent_) append_masked_frame(output_, opcode, payload, random_mask());
}

Client::Incoming Client::read_handshake(std::string_view& bytes) {
  auto answer = read_handshake_answer(bytes, key_, settings_.subprotocol, std::chrono::system_clock::now());
  if (!answer) return {};
  bytes.remove_prefix(answer->size_bytes);
  if (auto& rejection = answer->rejection) {
    phase_ = Phase::ended;
    return {.kind = Kind::failed,
            .detail = std::move(rejection->text),
            .category = rejection->category,
            .wait = rejection->wait};
  }
  phase_ = Phase::open;
  return {.kind = Kind::opened};
}

std::optional<Client::Incoming> Client::read_frame(std::string_view& bytes) {
  std::string_view wrong;
  const auto header = read_frame_header(bytes, wrong);
  if (!wrong.empty()) return fail(CloseCode::protocol_error, wrong);
  if (!header) return Incoming{};
  const bool is_data = !is_control(header->opcode);
  // A message over the limit is not waited for: it is skipped as it comes.
  if (is_data && message_bytes_ + header->payload_bytes > settings_.max_message_bytes) {
    bytes.remove_prefix(header->header_bytes);
    skipped_ = header;
    left_to_skip_ = header->payload_bytes;
    return begin_data(*header);
  }
  if (bytes.size() - header->header_bytes < header->payload_bytes) return Incoming{};
  const std::string_view payload = bytes.substr(header->header_bytes, header->payload_bytes);
  bytes.remove_prefix(header->header_bytes + payload.size());
  count(*header);
  if (!is_data) return control(header->opcode, payload);
  if (auto failed = begin_data(*header)) return failed;
  return data(header->is_final, payload);
}

/// The rest of the message is over the limit as well, and is skipped, too.
std::optional<Client::Incoming> Client::skip(std::string_view& bytes) {
  const std::uint64_t here = std::min<std::uint64_t>(left_to_skip_, bytes.size());
  bytes.remove_prefix(here);
  left_to_skip_ -= here;
  if (left_to_skip_ > 0) return Incoming{};
  const FrameHeader header = *std::exchange(skipped_, std::nullopt);
  count(header);
  if (!header.is_final) return std::nullopt;
  fragments_.clear();
  return Incoming{.kind = Kind::too_large, .size = std::exchange(message_bytes_, 0)};
}

void Client::count(const FrameHeader& header) {
  if (header.is_final || header.payload_bytes > 0) ++frames_;
}

/// Notes what this frame adds to. Returns a failure where it may not come now.
std::optional<Client::Incoming> Client::begin_data(const FrameHeader& header) {
  const bool continues = header.opcode == Opcode::continuation;
  if (continues && !in_message_) return fail(CloseCode::protocol_error, "it continued a message that it had not begun");
  if (!continues && in_message_) return fail(CloseCode::protocol_error, "it began a message within another");
  if (!continues) {
    is_text_ = header.opcode == Opcode::text;
    message_bytes_ = 0;
    empty_fragments_ = 0;
  }
  if (header.payload_bytes == 0 && ++empty_fragments_ > max_empty_fragments)
    return fail(CloseCode::protocol_error,
                fmt::format("it sent a message with more than {} empty fragments", max_empty_fragments));
  in_message_ = !header.is_final;
  message_bytes_ += header.payload_bytes;
  return std::nullopt;
}

std::optional<Client::Incoming> Client::data(bool is_final, std::string_view payload) {
  if (is_final && fragments_.empty()) return complete(payload);
  fragments_ += payload;
  if (!is_final) return std::nullopt;
  completed_ = std::exchange(fragments_, {});
  return complete(completed_);
}

Client::Incoming Client::complete(std::string_view message) {
  message_bytes_ = 0;
  if (!is_text_) return {.kind = Kind::binary, .message = message};
  if (!may_be_text(message)) return fail(CloseCode::not_utf8, "it sent a text message that is not valid UTF-8");
  return {.kind = Kind::text, .message = message};
}

Client::Incoming Client::control(Opcode opcode, std::string_view payload) {
  if (opcode == Opcode::close) return close_frame(payload);
  if (opcode == Opcode::ping) send(Opcode::pong, payload);
  return {.kind = Kind::control};
}

Client::Incoming Client::close_frame(std::string_view payload) {
  Incoming closed{.kind = Kind::closed};
  if (payload.size() == 1) return fail(CloseCode::protocol_error, "it closed the connection with half a code");
  if (payload.size() >= 2) {
    closed.close_code = static_cast<std::uint16_t>((static_cast<unsigned char>(payload[0]) << 8) |
                                                   static_cast<unsigned char>(payload[1]));
    closed.message = payload.substr(2);
    if (!may_be_sent(closed.close_code) || !may_be_text(closed.message))
      return fail(CloseCode::protocol_error, "it closed the connection with a code or a reason that is none");
  }
  if (!std::exchange(close_sent_, true))
    append_masked_frame(output_, Opcode::close, payload.substr(0, std::min<std::size_t>(payload.size(), 2)),
                        random_mask());
  phase_ = Phase::ended;
  return closed;
}

bool Client::may_be_text(std::string_view bytes) const {
  return !settings_.strict_utf8 || simdjson::validate_utf8(bytes.data(), bytes.size());
}

Client::Incoming Client::fail(CloseCode code, std::string_view detail) {
  if (!std::exchange(close_sent_, true))
    append_masked_frame(output_, Opcode::close, close_payload(code), random_mask());
  phase_ = Phase::ended;
  return {.kind = Kind::failed, .detail = std::string(detail)};
}

}  // namespace pbxbridge::websocket
