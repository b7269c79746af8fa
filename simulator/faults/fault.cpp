#include "simulator/faults/fault.hpp"

#include "simulator/faults/words.hpp"
#include "simulator/model/topic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace pbxbridge::sim {

namespace {

constexpr std::uint32_t largest_frame_mebibytes = 256;
constexpr std::uint32_t most_fragments = 1'000'000;
constexpr std::uint32_t deepest_json = 10'000'000;
constexpr std::uint32_t most_pings = 10'000'000;

template <class Switch>
Result<Fault> switched(std::string_view argument) {
  if (argument != "on" && argument != "off") return not_understood("expected on or off");
  return Fault(Switch{argument == "on"});
}

/// One number from 1 on, the fault's own where none is given.
template <class Counted, std::uint32_t most>
Result<Fault> counted(std::string_view argument) {
  if (argument.empty()) return Fault(Counted{});
  const auto count = number<std::uint32_t>(argument);
  if (!count || *count == 0 || *count > most)
    return not_understood(fmt::format("expected a number from 1 to {}", most));
  return Fault(Counted{*count});
}

/// Codes that a WebSocket close frame may carry (RFC 6455, 7.4): 1000 to 4999, without the codes kept for local use.
Result<Fault> close(std::string_view argument) {
  const auto code = number<std::uint16_t>(take_word(argument));
  if (!code || *code < 1000 || *code > 4999 || *code == 1005 || *code == 1006 || *code == 1015)
    return not_understood("expected a close code from 1000 to 4999 that may go over the wire");
  if (argument.size() > 123) return not_understood("a close reason has at most 123 bytes");
  return Fault(fault::Close{*code, std::string(argument)});
}

Result<Fault> drop(std::string_view argument) {
  if (argument != "fin" && argument != "rst") return not_understood("expected fin or rst");
  return Fault(fault::Drop{argument == "rst"});
}

Result<Fault> answer_delay(std::string_view argument) {
  const auto delay = number<std::uint32_t>(argument);
  if (!delay) return not_understood("expected milliseconds");
  return Fault(fault::AnswerDelay{std::chrono::milliseconds(*delay)});
}

/// Takes topics of every version of the PBX.
Result<std::string> known_topic(std::string_view name) {
  if (name.empty()) return not_understood("expected a topic");
  if (std::ranges::find(topics, name, &Topic::name) == topics.end())
    return not_understood(fmt::format("unknown topic `{}`", name));
  return std::string(name);
}

Result<Fault> reject(std::string_view argument) {
  auto rejected = known_topic(take_word(argument));
  if (!rejected) return rejected.error();
  return Fault(fault::Reject{std::move(*rejected), argument.empty() ? "permission denied" : std::string(argument)});
}

Result<Fault> allow(std::string_view argument) {
  auto allowed = known_topic(argument);
  if (!allowed) return allowed.error();
  return Fault(fault::Allow{std::move(*allowed)});
}

Result<Fault> trickle(std::string_view argument) {
  if (argument == "off") return Fault(fault::Trickle{});
  const auto rate = number<std::uint32_t>(argument);
  if (!rate || *rate == 0 || *rate > 1000) return not_understood("expected bytes a second from 1 to 1000, or off");
  return Fault(fault::Trickle{*rate});
}

Result<Fault> fragments(std::string_view argument) {
  const auto count = number<std::uint32_t>(take_word(argument));
  if (!count || *count < 2 || *count > most_fragments)
    return not_understood(fmt::format("expected a number of frames from 2 to {}, then a text", most_fragments));
  return Fault(fault::Fragments{*count, std::string(argument)});
}

Result<Fault> upgrade(std::string_view argument) {
  if (argument == "off") return Fault(fault::Upgrade{});
  const auto status = number<unsigned>(take_word(argument));
  if (!status || !is_known_upgrade_status(*status))
    return not_understood("expected 301, 401, 403, 404, 429, 503 or off");
  UpgradeAnswer answer{*status, std::nullopt};
  if (!argument.empty()) {
    answer.retry_after = number<std::uint32_t>(argument);
    if (!answer.retry_after) return not_understood("expected the seconds of Retry-After");
  }
  return Fault(fault::Upgrade{answer});
}

Result<Fault> rest(std::string_view argument) {
  if (argument == "off") return Fault(fault::Rest{RestFault::none});
  if (argument == "hang") return Fault(fault::Rest{RestFault::hang});
  if (argument == "html") return Fault(fault::Rest{RestFault::html});
  if (argument == "wrong-count") return Fault(fault::Rest{RestFault::wrong_count});
  return not_understood("expected hang, html, wrong-count or off");
}

constexpr std::array<FaultKind, 21> kinds{{
    {"close", "CODE [REASON]", "a WebSocket close to every client", close},
    {"drop", "fin|rst", "the end of every TCP connection, without a close", drop},
    {"silent", "on|off", "connections stay up, and nothing is sent or answered", switched<fault::Silent>},
    {"stop-reading", "on|off", "nothing is read from the clients", switched<fault::StopReading>},
    {"answer-delay", "MS", "answers come so much later", answer_delay},
    {"forget-answers", "on|off", "commands are obeyed, and not answered", switched<fault::ForgetAnswers>},
    {"reject-auth", "on|off", "every auth is rejected", switched<fault::RejectAuth>},
    {"reject", "TOPIC [TEXT]", "subscribes to the topic are rejected", reject},
    {"allow", "TOPIC", "ends that", allow},
    {"trickle", "BYTES|off", "so many bytes a second go out, one by one", trickle},
    {"half-frame", "", "half of an event, and nothing after it on that connection", plain<Fault, fault::HalfFrame>},
    {"huge-frame", "[MIB]", "an event of 17 MiB, or of so many", counted<fault::HugeFrame, largest_frame_mebibytes>},
    {"fragments", "COUNT TEXT", "the text in so many frames, with pings between them", fragments},
    {"invalid-utf8", "", "an event with a name in Latin-1", plain<Fault, fault::InvalidUtf8>},
    {"deep-json", "[DEPTH]", "an event with 5000 arrays in each other, or so many",
     counted<fault::DeepJson, deepest_json>},
    {"ping-flood", "[COUNT]", "10000 pings at once, or so many", counted<fault::PingFlood, most_pings>},
    {"upgrade", "STATUS [SECONDS]|off",
     "handshakes are answered by HTTP 301, 401, 403, 404, 429 or 503, with Retry-After", upgrade},
    {"rest", "hang|html|wrong-count|off", "the REST API does not answer, answers HTML, or counts too many", rest},
    {"refuse-connections", "on|off", "the port is closed; standing connections stay",
     switched<fault::RefuseConnections>},
    {"expire-certificate", "on|off", "new connections are shown an expired certificate",
     switched<fault::ExpireCertificate>},
    {"restart", "", "all connections end; a second later the PBX is there again, with other ids",
     plain<Fault, fault::Restart>},
}};

}  // namespace

std::span<const FaultKind> fault_kinds() { return kinds; }

const FaultKind* find_fault(std::string_view name) {
  const auto* found = std::ranges::find(kinds, name, &FaultKind::name);
  return found == kinds.end() ? nullptr : found;
}

std::string faults_text() {
  std::string text;
  for (const auto& kind : kinds)
    text += fmt::format("  {:<34}{}\n", fmt::format("{} {}", kind.name, kind.arguments), kind.text);
  return text;
}

}  // namespace pbxbridge::sim
