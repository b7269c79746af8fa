// Secrets in every place where they can be written, peers that repeat them in every form, and all that pbxbridge
// writes.

#include "bridge_process.hpp"
#include "tcp_peer.hpp"
#include "temporary_directory.hpp"
#include "websocket/handshake.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <fstream>
#include <mutex>
#include <signal.h>

namespace pbxbridge::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using namespace std::string_literals;

std::string base64(const std::string& bytes) {
  std::string encoded(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  encoded.pop_back();
  return encoded;
}

std::string percent_encoded(const std::string& bytes) {
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("%{:02X}", byte);
  return text;
}

std::string json_escaped(const std::string& text) {
  const std::string quoted = nlohmann::json(text).dump();
  return quoted.substr(1, quoted.size() - 2);
}

/// Forms that a peer may make of a secret, none of which is to be seen.
std::vector<std::string> forms_of(const std::string& secret) {
  return {secret, percent_encoded(secret), json_escaped(secret), base64(secret), base64("user:" + secret)};
}

/// All of them, within the 200 bytes that a line shows of a peer's words.
std::string echo(const std::string& secret) {
  std::string words = "bad";
  for (const auto& form : forms_of(secret)) words += " " + form;
  return words;
}

/// A secret that can change, as the peers know it.
class Shared {
 public:
  explicit Shared(std::string text) : text_(std::move(text)) {}
  std::string get() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  void set(std::string text) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

// The PBX

std::string frame(unsigned opcode, const std::string& text) {
  std::string bytes{static_cast<char>(0x80 | opcode)};
  if (text.size() < 126)
    bytes += static_cast<char>(text.size());
  else
    bytes += {126, static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xff)};
  return bytes + text;
}
std::string text_frame(const std::string& text) { return frame(1, text); }
std::string close_frame(const std::string& reason) { return frame(8, "\x03\xf0" + reason.substr(0, 123)); }

/// The text of the client's next frame.
std::string read_frame(const TcpConversation& conversation) {
  const std::string head = conversation.read(2);
  if (head.size() < 2) return {};
  std::size_t size = static_cast<unsigned char>(head[1]) & 0x7f;
  if (size == 126) {
    const std::string wide = conversation.read(2);
    size = (static_cast<unsigned char>(wide.at(0)) << 8) | static_cast<unsigned char>(wide.at(1));
  }
  const std::string key = conversation.read(4);
  std::string text = conversation.read(size);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(text[i] ^ key.at(i % 4));
  return text;
}

/// Its `auth` message, after an upgrade.
std::string read_auth(const TcpConversation& conversation) {
  const std::string request = conversation.read_to("\r\n\r\n");
  constexpr std::string_view name = "Sec-WebSocket-Key: ";
  const auto at = request.find(name);
  if (at == std::string::npos) return {};
  const auto key = request.substr(at + name.size(), request.find("\r\n", at) - at - name.size());
  conversation.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      websocket::accept_value(key) + "\r\n\r\n");
  return read_frame(conversation);
}

TcpPeer::Serve rejecting_pbx(const Shared& secret) {
  return [&secret](const TcpConversation& conversation, int number) {
    const std::string auth = read_auth(conversation);
    const std::string words = echo(secret.get());
    const std::string cut = std::string(123 - secret.get().size() / 2, '.') + secret.get();
    switch (number % 3) {
      case 0:
        conversation.write(text_frame(nlohmann::json{{"command", "auth"}, {"status", -1}, {"error", words}}.dump()));
        conversation.write(close_frame(auth));
        break;
      case 1:
        conversation.write(close_frame(cut));
        break;
      default:
        conversation.write(text_frame(
            nlohmann::json{{"command", "auth"}, {"status", -1}, {"error", std::string(190, '.') + secret.get()}}
                .dump()));
    }
    read_frame(conversation);
  };
}

TcpPeer::Serve web_server(const Shared& secret) {
  return [&secret](const TcpConversation& conversation, int) {
    conversation.read_to("\r\n\r\n");
    const std::string words = echo(secret.get());
    conversation.write("HTTP/1.1 401 " + words + "\r\nWWW-Authenticate: Basic realm=\"" + words +
                       "\"\r\nLocation: wss://user:" + secret.get() +
                       "@elsewhere/\r\nContent-Length: " + std::to_string(words.size()) + "\r\n\r\n" + words);
  };
}

TcpPeer::Serve streaming_pbx(const std::string& event) {
  return [event](const TcpConversation& conversation, int) {
    read_auth(conversation);
    conversation.write(text_frame(R"({"command":"auth","status":0})"));
    conversation.write(text_frame(event));
    while (!read_frame(conversation).empty()) continue;
  };
}

// The MQTT broker

std::string mqtt_packet(unsigned type, const std::string& body) {
  std::string bytes{static_cast<char>(type)};
  std::size_t size = body.size();
  do {
    bytes += static_cast<char>((size & 0x7f) | (size > 0x7f ? 0x80 : 0));
    size >>= 7;
  } while (size > 0);
  return bytes + body;
}

std::string two_bytes(std::size_t number) { return {static_cast<char>(number >> 8), static_cast<char>(number & 0xff)}; }

/// The properties of a packet: a Reason String.
std::string reason(const std::string& words) {
  const std::string property = "\x1f" + two_bytes(words.size()) + words;
  std::string size;
  for (auto rest = property.size(); size.empty() || rest > 0; rest >>= 7)
    size += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  return size + property;
}

std::pair<unsigned, std::string> read_packet(const TcpConversation& conversation) {
  const std::string type = conversation.read(1);
  if (type.empty()) return {0, ""};
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(conversation.read(1).at(0));
    size |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return {static_cast<unsigned char>(type[0]), conversation.read(size)};
}

TcpPeer::Serve mqtt_broker(const Shared& secret) {
  return [&secret](const TcpConversation& conversation, int number) {
    read_packet(conversation);
    const std::string words = echo(secret.get());
    if (number % 3 == 0) return conversation.write(mqtt_packet(0x20, "\0\x89"s + reason(words)));
    conversation.write(mqtt_packet(0x20, "\0\0\0"s));
    if (number % 3 == 1)
      return conversation.write(mqtt_packet(0xe0, "\x8b" + reason(std::string(195, '.') + secret.get())));
    while (true) {
      const auto [type, body] = read_packet(conversation);
      if (type >> 4 != 3) return;
      const std::size_t topic_size =
          (static_cast<unsigned char>(body.at(0)) << 8) | static_cast<unsigned char>(body.at(1));
      const std::string topic = body.substr(2, topic_size);
      conversation.write(mqtt_packet(0x40, body.substr(2 + topic_size, 2) + "\x87" + reason(topic + ": " + words)));
    }
  };
}

TEST(Secrets, AreNowhereInWhatIsWritten) {
  const TemporaryDirectory directory;
  const Shared pbx_secret("pbx \"s3cret\"/\xc3\xbc&1");
  Shared file_secret("first-file-s3cret");
  const Shared mqtt_secret("mqtt_s3cret%20+x");
  const std::string variable_secret = "variable-s3cret";
  const std::string number = "4930901820";
  std::ofstream(directory / "password") << file_secret.get() << "\n";

  const TcpPeer rejecting(rejecting_pbx(pbx_secret));
  const TcpPeer rejecting_by_file(rejecting_pbx(file_secret));
  const TcpPeer web(web_server(pbx_secret));
  const TcpPeer streaming(streaming_pbx(R"({"event_type":"call_start","session_id":"7","caller":")" + number + "\"}"));
  const TcpPeer broker(mqtt_broker(mqtt_secret));
  const auto pbx = [](const std::string& name, const TcpPeer& peer, const std::string& secret) {
    return fmt::format(
        "  - {{name: {}, url: 'ws://127.0.0.1:{}/wsi', auth: {{username: a, {}}}, subscribe: [{{topic: cdr_events}}], "
        "reconnect: {{initial: 50ms, maximum: 200ms}}, auth_retry: {{initial: 50ms, maximum: 200ms}}}}\n",
        name, peer.port(), secret);
  };
  const auto quoted = [](const std::string& text) { return nlohmann::json(text).dump(); };
  const std::string configuration =
      "pbx:\n" + pbx("value", rejecting, "password: " + quoted(pbx_secret.get())) +
      pbx("file", rejecting_by_file, "password_file: " + (directory / "password").string()) +
      pbx("web", web, "password: " + quoted(pbx_secret.get())) +
      pbx("streaming", streaming, "password: \"${PBXBRIDGE_TEST_SECRET}\"") +
      fmt::format(
          "sinks:\n  board: {{type: mqtt, url: 'mqtt://127.0.0.1:{}', username: user, password: {}, prefix: '', "
          "reconnect: {{initial: 50ms, maximum: 200ms}}, auth_retry: {{initial: 50ms, maximum: 200ms}}}}\n",
          broker.port(), quoted(mqtt_secret.get())) +
      "routes:\n  - {match: {}, to: {sink: board, topic: 'calls/{caller}', key: '{nothing}'}}\n";
  BridgeProcess bridge(configuration, {.environment = {{"PBXBRIDGE_TEST_SECRET", variable_secret}}});
  for (const std::string line : {"pbx value", "pbx file", "pbx web", "sink.connection_failed", "sink.connection_lost",
                                 "sink.rejected", "route.key_missing"})
    ASSERT_TRUE(bridge.wait_for_log(line)) << bridge.process().transcript();
  const std::string old_file_secret = file_secret.get();
  std::ofstream(directory / "password") << "second-file-s3cret\n";
  file_secret.set("second-file-s3cret");
  bridge.process().send_signal(SIGHUP);
  ASSERT_TRUE(bridge.wait_for_log("process.reloaded"));
  const std::string metrics = bridge.get("/metrics");

  const auto output_of = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), bridge_executable());
    arguments.insert(arguments.end(), {"--config", bridge.configuration_file().string()});
    Process process(arguments, {.environment = {{"PBXBRIDGE_TEST_SECRET", variable_secret}}});
    EXPECT_TRUE(process.wait()) << arguments[1];
    return process.transcript();
  };
  ASSERT_TRUE(bridge.wait_for_metric("pbxbridge_dead_letters{sink=\"board\"}", 1));
  const std::string letters = output_of({"dead-letters", "list"});
  EXPECT_THAT(letters, HasSubstr(number));
  EXPECT_THAT(letters, HasSubstr("[secret]"));
  std::string all = output_of({"check"}) + metrics + letters + output_of({"dead-letters", "list", "--json"}) +
                    output_of({"spool", "list"}) + output_of({"spool", "stat"});
  bridge.stop();
  const std::string log = bridge.process().transcript();
  all += log;
  for (const std::string& secret :
       {pbx_secret.get(), file_secret.get(), old_file_secret, mqtt_secret.get(), variable_secret})
    for (const std::string& form : forms_of(secret)) EXPECT_THAT(all, Not(HasSubstr(form)));
  // Half of one, as a peer or a limit of length cuts it.
  for (const std::string part : {"pbx \\\"s3", "pbx \"s3", "first-file", "second-file", "mqtt_s3", "variable-s3"})
    EXPECT_THAT(all, Not(HasSubstr(part)));
  EXPECT_THAT(log, Not(HasSubstr(number)));
  EXPECT_THAT(log, HasSubstr("calls/{caller}"));
}

}  // namespace
}  // namespace pbxbridge::test
