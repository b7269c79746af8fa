#include "pbxbridge/config/location.hpp"

#include <algorithm>
#include <numeric>

namespace pbxbridge::config {

namespace {

bool is_before(const Problem& left, const Problem& right) {
  return std::pair(left.location.line, left.location.column) < std::pair(right.location.line, right.location.column);
}

}  // namespace

void Report::sort() { std::ranges::stable_sort(problems_, is_before); }

std::size_t Report::keep_first(std::size_t most) {
  sort();
  if (problems_.size() <= most) return 0;
  const std::size_t more = problems_.size() - most;
  std::stable_partition(problems_.begin(), problems_.end(), [](const Problem& problem) { return !problem.warning; });
  problems_.resize(most);
  error_count_ = std::min(error_count_, most);
  sort();
  return more;
}

const Problem* Report::first_error() const {
  const Problem* first = nullptr;
  for (const Problem& problem : problems_)
    if (!problem.warning && (first == nullptr || is_before(problem, *first))) first = &problem;
  return first;
}

namespace {

/// Counts the letters that must be put in, left out, exchanged or swapped with their neighbour to get from one word to
/// the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t exchange = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, exchange});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[to.size()];
}

}  // namespace

std::string_view did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  constexpr std::size_t longest_word = 100;
  if (word.size() > longest_word) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const auto [shorter, longer] = std::minmax({word.size(), candidate.size()});
    if (longer - shorter >= best_distance) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance || distance >= candidate.size()) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view meant = did_you_mean(word, candidates);
  return meant.empty() ? "" : ", did you mean \"" + std::string(meant) + "\"?";
}

}  // namespace pbxbridge::config
