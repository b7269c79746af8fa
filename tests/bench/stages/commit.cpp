// A batch into the store: the bytes of the records once more, RocksDB, and (with sync) one fdatasync for all of it.

#include "pbxbridge/event.hpp"
#include "spool/store/batch_store.hpp"
#include "stages/sample_events.hpp"
#include "stages/stage.hpp"

#include <memory>
#include <stdexcept>

namespace pbxbridge::bench {
namespace {

/// Below the working directory, for /tmp may be in memory.
constexpr const char* place = "bench-commit-stage";

void commit(benchmark::State& state, bool sync) {
  const std::filesystem::path directory = std::filesystem::current_path() / place;
  std::filesystem::remove_all(directory);
  auto opened = spool::BatchStore::open(directory, spool::BatchStore::Access::write);
  if (!opened) throw std::runtime_error(opened.error().text);
  const auto store = std::move(*opened);
  const auto made = sample_events();
  spool::Commit commit;
  commit.events.assign(made.begin(), made.end());
  auto next = Sequence::first_of(store->start_epoch());
  for (auto _ : state) {
    for (const auto& event : made) {
      event->accept(next, store->id());
      next = next.next();
    }
    if (!store->write(commit, sync)) state.SkipWithError("the store does not take it");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(sample_size));
}

/// The store goes before its directory does.
void run(benchmark::State& state, bool sync) {
  commit(state, sync);
  std::filesystem::remove_all(std::filesystem::current_path() / place);
}

const bool registered = register_stage("commit", [](benchmark::State& state) { run(state, false); }) &&
                        register_stage("commit with fdatasync", [](benchmark::State& state) { run(state, true); });

}  // namespace
}  // namespace pbxbridge::bench
