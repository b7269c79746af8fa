#pragma once

// Findings of `pbxbridge check --connect`, which examines what a configuration names, and what it asks of a sink type.

#include "pbxbridge/enum_names.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge {

enum class FindingLevel : std::uint8_t {
  ok,
  warning,  ///< it works, and an operator should know of it; or it could not be examined
  error,    ///< events will not flow as configured
};

template <>
inline constexpr EnumName<FindingLevel> enum_names<FindingLevel>[] = {
    {FindingLevel::ok, "ok"}, {FindingLevel::warning, "warning"}, {FindingLevel::error, "error"}};

/// One line of an examination. All texts are clauses on one line, without a final stop. They may repeat a peer's words:
/// the core leaves out secrets and cuts them to a length before it shows them.
struct Finding {
  std::string subject;  ///< "pbx hq", "sink lake", "spool"
  std::string step;     ///< "name", "TCP", "TLS", "account", "topic calls", ...
  FindingLevel level = FindingLevel::ok;
  std::string words;
  std::string remedy;  ///< what the operator can do, in the imperative; empty where nothing is to be done
};

/// Takes the findings of one subject, in their order. Used by one thread at a time.
class Findings {
 public:
  Findings(std::string subject, std::function<void(Finding)> take)
      : subject_(std::move(subject)), take_(std::move(take)) {}

  void ok(std::string_view step, std::string words) { add(step, FindingLevel::ok, std::move(words), {}); }
  void warning(std::string_view step, std::string words, std::string remedy) {
    add(step, FindingLevel::warning, std::move(words), std::move(remedy));
  }
  void error(std::string_view step, std::string words, std::string remedy) {
    add(step, FindingLevel::error, std::move(words), std::move(remedy));
  }

 private:
  void add(std::string_view step, FindingLevel level, std::string words, std::string remedy) {
    take_({subject_, std::string(step), level, std::move(words), std::move(remedy)});
  }

  const std::string subject_;
  const std::function<void(Finding)> take_;
};

/// A topic of a sink that the configuration can lead events to.
struct ExaminedTopic {
  enum class Kind : std::uint8_t {
    named,     ///< events that the subscriptions bring go to it
    unlikely,  ///< takes events of types that are not known, or whose own topic cannot be made
    example,   ///< made of a template whose values only events have: which topics there will be is not known
  };
  std::string name;
  Kind kind = Kind::named;
  std::string origin;  ///< template of an example, as the configuration has it
};

/// Input of a sink type's examination of one sink.
struct SinkExamination {
  std::string name;                   ///< of the sink
  std::vector<ExaminedTopic> topics;  ///< none twice
  std::size_t largest_payload = 0;    ///< bytes of the largest event that a PBX may send
  std::chrono::milliseconds step_limit{10'000};
};

}  // namespace pbxbridge
