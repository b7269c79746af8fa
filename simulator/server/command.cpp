#include "simulator/server/command.hpp"

#include "simulator/faults/words.hpp"
#include "simulator/model/orders.hpp"
#include "simulator/model/pace.hpp"
#include "simulator/protocol/hex.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>

namespace pbxbridge::sim {

namespace {

Result<Command> pushed_hex(std::string_view argument, bool binary) {
  auto bytes = bytes_of_hex(argument);
  if (!bytes) return not_understood("expected pairs of hex digits");
  return Command(command::Push{std::move(*bytes), binary});
}

Result<Command> parse_rate(std::string_view argument) {
  const auto rate = number<double>(argument);
  if (!rate || *rate > max_rate)
    return not_understood(fmt::format("expected the events a second up to {}, 0 for none", max_rate));
  return Command(command::SetRate{*rate});
}

Result<Command> parse_speed(std::string_view argument) {
  const auto speed = number<double>(argument);
  if (!speed || *speed > max_speed)
    return not_understood(fmt::format("expected a factor up to {}, 0 to stand still", max_speed));
  return Command(command::SetSpeed{*speed});
}

Result<Command> parse_rest_limit(std::string_view argument) {
  const auto limit = number<std::uint32_t>(argument);
  if (!limit) return not_understood("expected requests a second, 0 for no limit");
  return Command(command::RestLimit{*limit});
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
         if (argument.empty()) return not_understood("expected a file");
         return Command(command::Replay{std::string(argument)});
       }},
      {"start", plain<Command, command::Start>},
      {"rate", parse_rate},
      {"speed", parse_speed},
      {"state", plain<Command, command::State>},
      {"rest-limit", parse_rest_limit},
      {"quit", plain<Command, command::Quit>},
  };
  return table;
}

}  // namespace

Result<Command> parse_command(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto whole = line;
  const auto name = take_word(line);
  if (Orders::is_order(name)) {
    if (const auto mistake = Orders::mistake_in(whole); !mistake.empty())
      return not_understood(fmt::format("{}: {}", name, mistake));
    return Command(command::Order{std::string(whole)});
  }
  if (const auto* kind = find_fault(name)) {
    auto fault = kind->parse(line);
    if (!fault) return not_understood(fmt::format("{}: {}", name, fault.error().text));
    return Command(std::move(*fault));
  }
  const auto parser = parsers().find(name);
  if (parser == parsers().end()) return not_understood(fmt::format("unknown command `{}`", name));
  auto parsed = parser->second(line);
  if (!parsed) return not_understood(fmt::format("{}: {}", name, parsed.error().text));
  return parsed;
}

}  // namespace pbxbridge::sim
