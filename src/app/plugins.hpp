#pragma once

#include "config/sink_sources.hpp"
#include "pbxbridge/sink_type.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pbxbridge::app {

/// The sink types of a process: those that it was made with, and those of the plug-ins that its configuration lists.
///
/// A plug-in is loaded once and stays. Until `close` a configuration may load further ones; afterwards one that is not
/// loaded yet is an error. Libraries are made ready (`SinkType::before_threads`) until then, too.
class Plugins final : public config::SinkSources {
 public:
  explicit Plugins(std::span<const SinkType> built_in) : built_in_(built_in.begin(), built_in.end()) {}

  std::vector<SinkType> load(const std::vector<config::Located<std::filesystem::path>>& plugins,
                             std::span<const std::string> types_named, config::Report& report) override;
  /// `with_one_thread` calls what it is given while the process has no other thread, and returns after that. For a
  /// process that has others meanwhile; until `close`.
  void set_with_one_thread(std::function<void(const std::function<void()>& load)> with_one_thread) {
    with_one_thread_ = std::move(with_one_thread);
  }
  void close() {
    is_open_ = false;
    with_one_thread_ = nullptr;
  }

 private:
  void make_ready(std::span<const SinkType> types, std::span<const std::string> types_named);
  const std::vector<SinkType>* find_or_load(const std::filesystem::path& real, config::Location location,
                                            config::Report& report);

  const std::vector<SinkType> built_in_;
  std::map<std::filesystem::path, std::vector<SinkType>> loaded_;  // by the path without links
  std::set<std::string_view> ready_;                               // types whose `before_threads` was called
  std::function<void(const std::function<void()>&)> with_one_thread_ = [](const auto& load) { load(); };
  bool is_open_ = true;
};

}  // namespace pbxbridge::app
