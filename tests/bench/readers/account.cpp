#include "readers/account.hpp"

#include "truth/sent_times.hpp"

#include <nlohmann/json.hpp>

#include <chrono>

namespace pbxbridge::bench {

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

namespace {

using nlohmann::json;

json findings_of(const Findings& findings) {
  return {{"sound", findings.sound()},
          {"delivered", findings.delivered},
          {"lost", findings.lost},
          {"duplicates", findings.duplicates},
          {"out_of_order", findings.out_of_order},
          {"altered", findings.altered},
          {"foreign", findings.foreign},
          {"split_keys", findings.split_keys},
          {"merged_keys", findings.merged_keys},
          {"without_attributes", findings.without_attributes},
          {"shared_ids", findings.shared_ids},
          {"changed_ids", findings.changed_ids},
          {"examples", findings.examples}};
}

json latencies_of(const std::vector<std::int64_t>& sorted) {
  return {{"p50", percentile(sorted, 0.5)},
          {"p99", percentile(sorted, 0.99)},
          {"p99.9", percentile(sorted, 0.999)},
          {"max", percentile(sorted, 1)}};
}

json slices_of(const std::vector<Timeline::Slice>& slices) {
  json list = json::array();
  for (const auto& slice : slices) list.push_back({slice.events, slice.p99_us});
  return list;
}

}  // namespace

std::string Account::close(const std::filesystem::path& ledger) {
  const auto sent_us = ledger.empty() ? std::vector<std::int64_t>() : read_sent_times(ledger, events_.count());
  json report{{"findings", findings_of(judge_.finish())},
              {"first_us", timeline_.first_us()},
              {"last_us", timeline_.last_us()},
              {"events_a_second", timeline_.events_a_second()},
              {"longest_gap_us", timeline_.longest_gap_us()},
              {"slices", slices_of(timeline_.slices(sent_us))}};
  if (!sent_us.empty()) report["latency_us"] = latencies_of(timeline_.latencies_us(sent_us));
  return report.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace pbxbridge::bench
