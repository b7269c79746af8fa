#include "judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace pbxbridge::test {

namespace {

constexpr std::size_t not_pushed = static_cast<std::size_t>(-1);

/// The ledger, and where in it each payload stands.
class Pushes {
 public:
  explicit Pushes(const SentLedger& ledger) : ledger_(ledger) {
    for (std::size_t i = 0; i < ledger.pushes.size(); ++i) by_hash_[ledger.pushes[i].hash].push_back(i);
  }

  const SentLedger& ledger() const { return ledger_; }
  const Push& at(std::size_t index) const { return ledger_.pushes[index]; }
  std::size_t size() const { return ledger_.pushes.size(); }

  /// The n-th push of that payload, `not_pushed` where there were fewer.
  std::size_t find(const std::string& hash, std::size_t n) const {
    const auto found = by_hash_.find(hash);
    return found == by_hash_.end() || n >= found->second.size() ? not_pushed : found->second[n];
  }

 private:
  const SentLedger& ledger_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_hash_;
};

std::string described(const Push& push) {
  return fmt::format("push {} to client {} ({})", push.sequence, push.client,
                     push.topic.empty() ? "no subscription" : push.topic);
}

std::string described(const Delivery& delivery) {
  return fmt::format("{} with key {} and payload {}", delivery.id, delivery.key, delivery.hash);
}

/// Tells for each delivery which push it is: events of the same payload in the order of their acceptance.
std::vector<std::size_t> matched(const Pushes& pushes, const Arrivals& arrivals, Verdict& verdict) {
  std::map<std::pair<std::string, std::string>, const Delivery*> by_acceptance;
  std::unordered_map<std::string, const Delivery*> first_of_id;
  for (const auto& delivery : arrivals.deliveries) {
    const auto [first, is_new] = first_of_id.try_emplace(delivery.id, &delivery);
    if (is_new)
      by_acceptance[{delivery.sequence, delivery.id}] = &delivery;
    else if (first->second->hash != delivery.hash)
      verdict.unknown.push_back(described(delivery) + " had another payload before");
  }
  std::unordered_map<std::string, std::size_t> push_of_id;
  std::unordered_map<std::string, std::size_t> seen_of_hash;
  for (const auto& [sequence, delivery] : by_acceptance) {
    const auto push = pushes.find(delivery->hash, seen_of_hash[delivery->hash]++);
    push_of_id[delivery->id] = push;
    if (push == not_pushed) verdict.unknown.push_back(described(*delivery) + ": nobody pushed it, or not so often");
  }
  std::vector<std::size_t> result;
  result.reserve(arrivals.deliveries.size());
  for (const auto& delivery : arrivals.deliveries) result.push_back(push_of_id.at(delivery.id));
  return result;
}

void judge_order(const Arrivals& arrivals, const std::vector<std::size_t>& push_of, Verdict& verdict) {
  struct Key {
    std::size_t newest = 0;
    std::size_t last = 0;
    const Delivery* last_delivery = nullptr;
  };
  std::map<std::string, Key> keys;
  std::unordered_map<std::string, bool> seen;
  for (std::size_t i = 0; i < push_of.size(); ++i) {
    if (push_of[i] == not_pushed) continue;
    const auto& delivery = arrivals.deliveries[i];
    auto& key = keys[delivery.key];
    const bool first = seen.try_emplace(delivery.id, true).second;
    if (!first) ++verdict.duplicates;
    if (!first && !delivery.redelivered && !arrivals.consumer_at_least_once) {
      verdict.unmarked.push_back(described(delivery) + " came again without the mark of a redelivery");
      continue;
    }
    if (first && key.last_delivery != nullptr && push_of[i] < key.newest)
      verdict.out_of_order.push_back(described(delivery) + " came first after a newer one");
    key.newest = std::max(key.newest, push_of[i]);
    key.last = push_of[i];
    key.last_delivery = &delivery;
  }
  for (const auto& [name, key] : keys)
    if (key.last < key.newest)
      verdict.out_of_order.push_back(described(*key.last_delivery) + " came last and is not the newest of its key");
}

/// After the last push to each client that is known to have been accepted; all of a client that stands.
std::map<std::uint64_t, std::size_t> accepted_ends(const Pushes& pushes,
                                                   const std::vector<std::vector<std::size_t>>& push_of) {
  std::map<std::uint64_t, std::size_t> ends;
  for (const auto& sink : push_of)
    for (const auto push : sink)
      if (push != not_pushed) ends[pushes.at(push).client] = std::max(ends[pushes.at(push).client], push + 1);
  for (const auto client : pushes.ledger().standing) ends[client] = pushes.size();
  return ends;
}

void judge_losses(const Pushes& pushes, const std::map<std::uint64_t, std::size_t>& accepted,
                  const std::vector<std::size_t>& push_of, const Allowance& allowance, Verdict& verdict) {
  std::vector<bool> delivered(pushes.size());
  for (const auto push : push_of)
    if (push != not_pushed) delivered[push] = true;
  for (std::size_t i = 0; i < pushes.size(); ++i) {
    if (delivered[i]) {
      ++verdict.delivered;
      continue;
    }
    const auto end = accepted.find(pushes.at(i).client);
    if (end == accepted.end() || i >= end->second)
      ++verdict.never_accepted;
    else if (allowance.rejected && allowance.rejected(pushes.at(i)))
      ++verdict.rejected;
    else
      verdict.lost.push_back(described(pushes.at(i)) + " was accepted, and did not come");
  }
}

void print(std::ostream& out, const char* title, const std::vector<std::string>& findings) {
  constexpr std::size_t shown = 10;
  if (findings.empty()) return;
  out << "  " << findings.size() << ' ' << title << '\n';
  for (std::size_t i = 0; i < std::min(shown, findings.size()); ++i) out << "    " << findings[i] << '\n';
  if (findings.size() > shown) out << "    ... and " << findings.size() - shown << " more\n";
}

}  // namespace

bool Verdict::clean() const {
  return lost.empty() && unknown.empty() && out_of_order.empty() && unmarked.empty() && too_many_duplicates.empty();
}

std::ostream& operator<<(std::ostream& out, const Verdict& verdict) {
  out << verdict.sink << ": " << verdict.pushed << " pushed, " << verdict.delivered << " delivered, "
      << verdict.rejected << " rejected, " << verdict.never_accepted << " never accepted, " << verdict.duplicates
      << " duplicates";
  if (verdict.reordered > 0) out << ", " << verdict.reordered << " out of order";
  if (verdict.late > 0) out << ", " << verdict.late << " after their redelivery";
  out << '\n';
  print(out, "lost", verdict.lost);
  print(out, "unknown", verdict.unknown);
  print(out, "out of order", verdict.out_of_order);
  print(out, "without the mark of a redelivery", verdict.unmarked);
  print(out, "times too many duplicates", verdict.too_many_duplicates);
  return out;
}

std::vector<Verdict> judge(const SentLedger& ledger, const std::vector<Arrivals>& sinks, const Allowance& allowance) {
  const Pushes pushes(ledger);
  std::vector<Verdict> verdicts(sinks.size());
  std::vector<std::vector<std::size_t>> push_of;
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    verdicts[i].sink = sinks[i].sink;
    verdicts[i].pushed = pushes.size();
    push_of.push_back(matched(pushes, sinks[i], verdicts[i]));
  }
  const auto accepted = accepted_ends(pushes, push_of);
  for (std::size_t i = 0; i < sinks.size(); ++i) {
    judge_order(sinks[i], push_of[i], verdicts[i]);
    if (allowance.reordered) verdicts[i].reordered = std::exchange(verdicts[i].out_of_order, {}).size();
    if (verdicts[i].unmarked.size() <= allowance.late_requests)
      verdicts[i].late = std::exchange(verdicts[i].unmarked, {}).size();
    judge_losses(pushes, accepted, push_of[i], allowance, verdicts[i]);
    if (verdicts[i].duplicates > allowance.duplicates)
      verdicts[i].too_many_duplicates.push_back(
          fmt::format("{} duplicates, where {} are to be expected", verdicts[i].duplicates, allowance.duplicates));
  }
  return verdicts;
}

}  // namespace pbxbridge::test
