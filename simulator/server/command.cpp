#include "simulator/server/command.hpp"

#include "simulator/model/orders.hpp"
#include "simulator/model/pace.hpp"
#include "simulator/protocol/hex.hpp"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <map>
#include <optional>

namespace pbxbridge::sim {

namespace {

Error bad(std::string text) { return {ErrorCategory::configuration, std::move(text)}; }

/// Cuts the first word off `rest`.
std::string_view take_word(std::string_view& rest) {
  const auto end = rest.find(' ');
  const auto word = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return word;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= Number{})) return std::nullopt;
  return value;
}

template <class Switch>
Result<Command> switched(std::string_view argument) {
  if (argument != "on" && argument != "off") return bad("expected on or off");
  return Command(Switch{argument == "on"});
}

Result<Command> pushed_hex(std::string_view argument, bool binary) {
  auto bytes = bytes_of_hex(argument);
  if (!bytes) return bad("expected pairs of hex digits");
  return Command(command::Push{std::move(*bytes), binary});
}

Result<Command> parse_rate(std::string_view argument) {
  const auto rate = number<double>(argument);
  if (!rate || *rate > max_rate) return bad("expected the events a second, 0 for none");
  return Command(command::SetRate{*rate});
}

Result<Command> parse_speed(std::string_view argument) {
  const auto speed = number<double>(argument);
  if (!speed || *speed > max_speed) return bad(fmt::format("expected a factor up to {}, 0 to stand still", max_speed));
  return Command(command::SetSpeed{*speed});
}

/// Codes that a WebSocket close frame may carry (RFC 6455, 7.4): 1000 to 4999, without the codes kept for local use.
Result<Command> parse_close(std::string_view argument) {
  const auto code = number<std::uint16_t>(take_word(argument));
  if (!code || *code < 1000 || *code > 4999 || *code == 1005 || *code == 1006 || *code == 1015)
    return bad("expected a close code from 1000 to 4999 that may go over the wire");
  if (argument.size() > 123) return bad("a close reason has at most 123 bytes");
  return Command(command::Close{*code, std::string(argument)});
}

Result<Command> parse_drop(std::string_view argument) {
  if (argument != "fin" && argument != "rst") return bad("expected fin or rst");
  return Command(command::Drop{argument == "rst"});
}

Result<Command> parse_answer_delay(std::string_view argument) {
  const auto delay = number<std::uint32_t>(argument);
  if (!delay) return bad("expected milliseconds");
  return Command(command::AnswerDelay{std::chrono::milliseconds(*delay)});
}

Result<Command> parse_reject(std::string_view argument) {
  const auto topic = take_word(argument);
  if (topic.empty()) return bad("expected a topic");
  return Command(command::Reject{std::string(topic), argument.empty() ? "permission denied" : std::string(argument)});
}

using Parse = std::function<Result<Command>(std::string_view argument)>;

const std::map<std::string_view, Parse>& parsers() {
  using Argument = std::string_view;
  static const std::map<std::string_view, Parse> table{
      {"push", [](Argument argument) -> Result<Command> { return Command(command::Push{std::string(argument)}); }},
      {"push-all",
       [](Argument argument) -> Result<Command> { return Command(command::PushAll{std::string(argument)}); }},
      {"push-hex", [](Argument argument) { return pushed_hex(argument, false); }},
      {"push-binary-hex", [](Argument argument) { return pushed_hex(argument, true); }},
      {"replay",
       [](Argument argument) -> Result<Command> {
         if (argument.empty()) return bad("expected a file");
         return Command(command::Replay{std::string(argument)});
       }},
      {"start", [](Argument) -> Result<Command> { return Command(command::Start{}); }},
      {"rate", parse_rate},
      {"speed", parse_speed},
      {"close", parse_close},
      {"drop", parse_drop},
      {"silent", switched<command::Silent>},
      {"stop-reading", switched<command::StopReading>},
      {"answer-delay", parse_answer_delay},
      {"reject", parse_reject},
      {"allow",
       [](Argument argument) -> Result<Command> {
         if (argument.empty()) return bad("expected a topic");
         return Command(command::Allow{std::string(argument)});
       }},
      {"reject-auth", switched<command::RejectAuth>},
      {"refuse-connections", switched<command::RefuseConnections>},
      {"quit", [](Argument) -> Result<Command> { return Command(command::Quit{}); }},
  };
  return table;
}

}  // namespace

Result<Command> parse_command(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto whole = line;
  const auto name = take_word(line);
  if (Orders::is_order(name)) return Command(command::Order{std::string(whole)});
  const auto parser = parsers().find(name);
  if (parser == parsers().end()) return bad(fmt::format("unknown command `{}`", name));
  auto parsed = parser->second(line);
  if (!parsed) return bad(fmt::format("{}: {}", name, parsed.error().text));
  return parsed;
}

Result<std::vector<Cue>> parse_cues(std::string_view text) {
  std::vector<Cue> cues;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto seconds = number<double>(take_word(line));
    if (!seconds) return bad(fmt::format("line {}: expected seconds, then a command", line_number));
    if (const auto command = parse_command(line); !command)
      return bad(fmt::format("line {}: {}", line_number, command.error().text));
    cues.push_back({std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000)), std::string(line)});
  }
  return cues;
}

}  // namespace pbxbridge::sim
