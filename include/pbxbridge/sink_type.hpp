#pragma once

// A type of sink: all that the core knows of it. The author of a sink fills in one `SinkType`, and names it in the list
// that `main` hands to `pbxbridge::run` (program.hpp), or in a plug-in (plugin.hpp).

#include "pbxbridge/composed_message.hpp"
#include "pbxbridge/config/schema.hpp"
#include "pbxbridge/delivery.hpp"
#include "pbxbridge/sink.hpp"
#include "pbxbridge/sink_description.hpp"
#include "pbxbridge/topic_rules.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge {

class Findings;
struct SinkExamination;

/// The fields of an entry under `sinks` that belong to its sink type.
class SinkSettings {
 public:
  virtual ~SinkSettings() = default;
  /// Names what no two sinks may share, as a message has it ("the file /var/log/events"); empty: nothing.
  virtual std::string exclusive() const { return {}; }
  /// A topic that goes beyond them is like one that cannot be made.
  virtual TopicLimits topic_limits() const { return {}; }
};

/// A kind of sink, by its name under `type`. The functions are called at start and at reload, `make` for each
/// connection; all on the thread that calls `pbxbridge::run`.
struct SinkType {
  std::string_view name;  ///< lives as long as the process, as `text` does
  std::string_view text;  ///< one sentence for the reference
  /// Nothing: the sink has no topics, and a route to it may leave the topic out.
  std::optional<TopicRules> topics = std::nullopt;

  /// The declared settings, for the reference and the JSON Schema. Never null.
  const config::SchemaBase& (*schema)() = nullptr;
  /// Reads the entry's own fields; problems go to the report. Never null, and returns no null: `read_settings`.
  std::shared_ptr<const SinkSettings> (*read)(const config::Node& node, config::Report& report) = nullptr;
  /// Makes the sink of one connection, which copies what it needs of `settings`. They are what `read` has returned.
  std::unique_ptr<Sink> (*make)(const SinkSettings& settings, SinkContext context) = nullptr;

  /// Fields that a route may set for one destination, besides `topic`, `key` and `fallback_topic`. Null: none.
  const config::SchemaBase& (*options_schema)() = nullptr;
  /// Reads these fields and checks them against the sink's settings: an error where events could only be rejected, a
  /// warning where an option would do nothing. Null where `options_schema` is; else returns no null: `read_options`.
  std::shared_ptr<DestinationOptions> (*read_options)(const config::Node& destination, const SinkSettings& settings,
                                                      const config::UnknownKeys& others,
                                                      config::Report& report) = nullptr;

  /// Composes the message as the sink would send it, for `explain` and `test`. Null: they show topic and key alone.
  ComposedMessage (*compose)(const SinkSettings& settings, const Delivery& delivery) = nullptr;

  /// Describes where the sink of that name leads, for `reference asyncapi`. Null: the document has the topics alone.
  SinkDescription (*describe)(const SinkSettings& settings, const std::string& sink) = nullptr;

  /// Examines what `settings` name, for `check --connect`: reach, TLS, account, right to write, topics, limits. On a
  /// thread of its own, which it may block, each step for `step_limit` at the most. It leaves nothing behind at the far
  /// side, and disturbs no sink that runs with these settings (examination.hpp). Null: nothing is examined, and the
  /// operator is told so.
  void (*examine)(const SinkSettings& settings, const SinkExamination& asked, Findings& findings) = nullptr;

  /// Called once, at the start, if the configuration names this type: before any thread is started, and before
  /// `read`. Here a library is made ready that changes the environment or a state of the process. Not called for a type
  /// that a reload brings: threads are running then. Null: nothing to do.
  void (*before_threads)() = nullptr;
};

/// Null where there is none of that name.
inline const SinkType* find_sink_type(std::span<const SinkType> types, std::string_view name) {
  for (const SinkType& type : types)
    if (type.name == name) return &type;
  return nullptr;
}

/// Names of the fields that every sink has, whatever its type.
std::vector<std::string_view> common_sink_fields();

/// Makes `SinkType::read`. `Settings` derives from `SinkSettings` and has a `schema()`.
template <class Settings>
std::shared_ptr<const SinkSettings> read_settings(const config::Node& node, config::Report& report) {
  auto settings = std::make_shared<Settings>();
  Settings::schema().read(node, *settings, report, config::UnknownKeys{.known_elsewhere = common_sink_fields()});
  return settings;
}

/// Makes `SinkType::make`. The constructor takes the settings and the context.
template <class Made, class Settings>
std::unique_ptr<Sink> make_sink(const SinkSettings& settings, SinkContext context) {
  return std::make_unique<Made>(static_cast<const Settings&>(settings), std::move(context));
}

/// Makes `SinkType::read_options`. `Options` derives from `DestinationOptions` and has a `schema()`.
template <class Options>
std::shared_ptr<DestinationOptions> read_options(const config::Node& destination, const SinkSettings&,
                                                 const config::UnknownKeys& others, config::Report& report) {
  auto options = std::make_shared<Options>();
  Options::schema().read(destination, *options, report, others);
  return options;
}

}  // namespace pbxbridge
