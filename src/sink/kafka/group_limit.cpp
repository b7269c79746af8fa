#include "sink/kafka/group_limit.hpp"

#include <algorithm>

namespace pbxbridge::sink {

namespace {

constexpr std::size_t largest_group = 1024;
constexpr std::size_t greatest_patience = 32;

std::size_t half_of(std::size_t records) { return std::max<std::size_t>(1, records / 2); }

}  // namespace

GroupLimit::GroupLimit(std::size_t records) : records_(half_of(records)) {}

void GroupLimit::rejected() {
  if (has_grown_) patience_ = std::min(2 * patience_, greatest_patience);
  has_grown_ = false;
  taken_ = 0;
  records_ = half_of(records_);
}

void GroupLimit::taken() {
  if (++taken_ < patience_) return;
  taken_ = 0;
  has_grown_ = true;
  records_ *= 2;
}

bool GroupLimit::is_over() const { return records_ > largest_group; }

}  // namespace pbxbridge::sink
