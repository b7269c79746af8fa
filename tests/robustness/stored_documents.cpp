#include "derive/state/fold.hpp"
#include "open_spool.hpp"
#include "pbxbridge/event.hpp"
#include "state_documents.hpp"

#include <stdexcept>
#include <string_view>
#include <utility>

namespace pbxbridge::test {

namespace {

/// Alongside the tables: who has been sent all documents (intake/followed_state.cpp).
constexpr std::string_view intakes_own_row = "t";

}  // namespace

StateDocuments stored_documents(const std::filesystem::path& spool) {
  config::SpoolConfig config;
  config.path = spool;
  derive::state::StateMetrics metrics;
  derive::state::Fold fold({}, derive::state::WantedDocuments().set(), metrics);
  auto rows = spool::OpenSpool(config)->take_tables();
  std::erase_if(rows, [](const spool::TableRow& row) { return row.key == intakes_own_row; });
  fold.load(rows);
  fold.publish_all();
  while (fold.pass_time({}, {})) continue;
  const auto derivation = fold.derive();
  if (!derivation.changes.empty()) throw std::runtime_error("a stored row cannot be read");
  StateDocuments documents;
  for (const auto& [event, cause] : derivation.events) {
    const std::string tenant = event->tenant().empty() ? "none" : std::string(event->tenant());
    const std::string type(event->event_type()), entity(event->entity());
    documents[type + "/" + tenant + "/" + entity] = event->payload();
  }
  return without_causes(std::move(documents));
}

}  // namespace pbxbridge::test
