#include "app/plugins.hpp"

#include "config/schema/exposure.hpp"
#include "pbxbridge/plugin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <dlfcn.h>
#include <optional>
#include <system_error>
#include <utility>

namespace pbxbridge::app {

namespace {

namespace fs = std::filesystem;

/// Words of dlopen or dlsym without the path that they begin with: the message names it.
std::string loader_problem(const fs::path& file) {
  const char* const said = ::dlerror();
  std::string problem = said == nullptr ? "unknown error" : said;
  const std::string path = file.native() + ": ";
  if (problem.starts_with(path)) problem.erase(0, path.size());
  return problem;
}

struct Loaded {
  const PluginTypes* types = nullptr;
  std::string problem;  ///< a clause; empty where the types are there
};

/// It stays loaded also where its types are not to be used: its constructors may have started what cannot be undone.
Loaded load_plugin(const fs::path& file) {
  void* const object = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object == nullptr) return {nullptr, "cannot be loaded: " + loader_problem(file)};
  auto* const describe = reinterpret_cast<PluginFunction*>(::dlsym(object, plugin_symbol));
  if (describe == nullptr)
    return {nullptr, fmt::format("is not a plug-in of pbxbridge: it has no function \"{}\"", plugin_symbol)};
  const PluginTypes* const types = describe();
  if (types == nullptr || types->abi_tag == nullptr)
    return {nullptr, "is not a plug-in of pbxbridge: it names no ABI tag"};
  if (std::strcmp(types->abi_tag, PBXBRIDGE_ABI_TAG) != 0)
    return {nullptr, fmt::format("was built for \"{}\", and this is \"{}\"; build it again for this pbxbridge",
                                 types->abi_tag, PBXBRIDGE_ABI_TAG)};
  return {types, {}};
}

std::string problem_of(const SinkType& type) {
  if (type.name.empty()) return "brings a sink type without a name";
  if (type.schema == nullptr || type.read == nullptr || type.make == nullptr)
    return fmt::format("brings the sink type \"{}\" without its functions schema, read and make", type.name);
  if ((type.options_schema == nullptr) != (type.read_options == nullptr))
    return fmt::format("brings the sink type \"{}\" with one of options_schema and read_options only", type.name);
  return {};
}

/// Adds those of `found` whose names are new.
void add_types(const std::vector<SinkType>& found, const config::Located<fs::path>& plugin,
               std::vector<SinkType>& types, config::Report& report) {
  for (const SinkType& type : found) {
    if (find_sink_type(types, type.name) == nullptr)
      types.push_back(type);
    else
      report.error(plugin.location, fmt::format("plugins: {} brings the sink type \"{}\", and there is one already",
                                                plugin.value.native(), type.name));
  }
}

}  // namespace

std::vector<SinkType> Plugins::load(const std::vector<config::Located<fs::path>>& plugins,
                                    std::span<const std::string> types_named, config::Report& report) {
  std::vector<std::pair<const config::Located<fs::path>*, fs::path>> found;
  for (const auto& plugin : plugins) {
    if (plugin.value.empty()) continue;  // reported by whoever read it
    if (!plugin.value.is_absolute()) {
      report.error(plugin.location, fmt::format("plugins: \"{}\" is not an absolute path", plugin.value.native()));
      continue;
    }
    std::error_code failed;
    const fs::path real = fs::canonical(plugin.value, failed);
    if (failed) {
      report.error(plugin.location, fmt::format("plugins: {}: {}", plugin.value.native(), failed.message()));
      continue;
    }
    found.emplace_back(&plugin, real);
  }
  std::vector<SinkType> types = built_in_;
  const auto load = [&] {
    for (const auto& [plugin, real] : found)
      if (const auto* const brought = find_or_load(real, plugin->location, report))
        add_types(*brought, *plugin, types, report);
    if (is_open_) make_ready(types, types_named);
  };
  if (is_open_)
    with_one_thread_(load);
  else
    load();
  return types;
}

void Plugins::make_ready(std::span<const SinkType> types, std::span<const std::string> types_named) {
  for (const std::string& name : types_named)
    if (const SinkType* const type = find_sink_type(types, name);
        type != nullptr && type->before_threads != nullptr && ready_.insert(type->name).second)
      type->before_threads();
}

const std::vector<SinkType>* Plugins::find_or_load(const fs::path& real, config::Location location,
                                                   config::Report& report) {
  if (const auto known = loaded_.find(real); known != loaded_.end()) return &known->second;
  const auto reject = [&](const std::string& problem) {
    report.error(location, fmt::format("plugins: {} {}", real.native(), problem));
    return nullptr;
  };
  if (!is_open_) return reject("is not loaded, and a plug-in is loaded at the start only; restart pbxbridge");
  // The path without links is checked and then loaded: nobody can lead it elsewhere in between.
  if (const std::string exposed = config::changeable_by_others(real); !exposed.empty()) {
    report.error(location, "plugins: " + exposed);
    return nullptr;
  }
  const auto [described, problem] = load_plugin(real);
  if (described == nullptr) return reject(problem);
  std::vector<SinkType> types;
  for (const SinkType* const type : std::span(described->types, described->count)) {
    if (const std::string wrong = problem_of(*type); !wrong.empty()) return reject(wrong);
    types.push_back(*type);
  }
  return &loaded_.emplace(real, std::move(types)).first->second;
}

}  // namespace pbxbridge::app
