// bench-events DIRECTORY COUNT [--size BYTES] [--users FILE]: what a run of the benchmark pushes, and is judged by.
//
// DIRECTORY/events.ndjson: a made-up event a line, each with its own line number as "event_number", its last field.
//
// DIRECTORY/entities: what that event is about, a line each: within it, order has to be kept.
//
// The entities are told by the simulator, not by pbxbridge's classifier, so that a mistake of the latter shows.

#include "simulator/model/accounts.hpp"
#include "simulator/model/model.hpp"
#include "simulator/server/ledger.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pbxbridge::bench {
namespace {

constexpr std::int64_t first_second = 1'764'000'000;
constexpr std::uint64_t seed = 1;

struct Options {
  std::filesystem::path directory;
  std::uint64_t count = 0;
  std::size_t size = 0;              ///< bytes of each event; 0: as they come
  std::filesystem::path users_file;  ///< as pbxbridge-sim takes it; empty: the built-in tenants
};

std::string session_of(std::string_view event) {
  constexpr std::string_view name = R"("session_id":")";
  const auto begin = event.find(name);
  if (begin == event.npos) throw std::runtime_error("an event of a call names no session: " + std::string(event));
  const auto value = event.substr(begin + name.size());
  return std::string(value.substr(0, value.find('"')));
}

std::string entity_of(const sim::Event& event) {
  const auto& facts = event.facts;
  switch (facts.family) {
    case sim::Family::extension:
    case sim::Family::extension_management:
      return "extension " + facts.tenant_id + "/" + facts.extensions.at(0);
    case sim::Family::queue:
      return "queue " + facts.tenant_id + "/" + facts.queues.at(0);
    case sim::Family::queue_management:  // these name the queue by its number, the others by its id
      return "numbered-queue " + facts.tenant_id + "/" + facts.queues.at(0);
    default:
      return "session " + session_of(event.text);
  }
}

/// Adds the number, and before it as much of a filler as makes the size. Empty where the event is larger than that.
std::string finished(std::string_view event, std::uint64_t number, std::size_t size) {
  auto text = sim::with_number(event, number);
  if (size == 0 || text.size() == size) return text;
  constexpr std::string_view filler = R"(,"filler":"")";
  if (text.size() + filler.size() > size) return {};
  const std::string filling(size - text.size() - filler.size(), 'x');
  event.remove_suffix(1);
  return sim::with_number(fmt::format(R"({},"filler":"{}"}})", event, filling), number);
}

void write(const Options& options) {
  std::filesystem::create_directories(options.directory);
  std::ofstream events(options.directory / "events.ndjson", std::ios::binary);
  std::ofstream entities(options.directory / "entities", std::ios::binary);
  const auto installation =
      options.users_file.empty() ? sim::default_installation() : sim::load_installation(options.users_file);
  sim::World world(installation.tenants);
  sim::Model model(world, seed, sim::time_of_seconds(first_second), sim::Dialect::v22);
  for (std::uint64_t number = 1; number <= options.count && events && entities;) {
    const auto event = model.next();
    const auto text = finished(event->text, number, options.size);
    if (text.empty()) continue;
    events << text << '\n';
    entities << entity_of(*event) << '\n';
    ++number;
  }
  events.close();
  entities.close();
  if (!events || !entities) throw std::runtime_error(options.directory.string() + " cannot be written");
}

}  // namespace
}  // namespace pbxbridge::bench

int main(int argument_count, char** arguments) {
  pbxbridge::bench::Options options;
  CLI::App app("Makes the events that a run of the benchmark pushes.", "bench-events");
  app.add_option("DIRECTORY", options.directory)->required();
  app.add_option("COUNT", options.count)->required();
  app.add_option("--size", options.size, "Bytes of each event, at least 256; what is larger by itself is left out")
      ->check(CLI::Range(256, 1024 * 1024));
  app.add_option("--users", options.users_file, "Tenants to which it happens, as pbxbridge-sim takes them")
      ->check(CLI::ExistingFile);
  CLI11_PARSE(app, argument_count, arguments);
  try {
    pbxbridge::bench::write(options);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench-events: " << error.what() << '\n';
    return 1;
  }
}
