#include "sink/kafka/batch_refusals.hpp"

#include <functional>

namespace pbxbridge::sink {

namespace {

std::size_t fingerprint(std::string_view topic, std::string_view key, std::string_view value) {
  const std::hash<std::string_view> hash;
  return hash(topic) ^ (hash(key) << 1) ^ (hash(value) << 2);
}

}  // namespace

void BatchRefusals::add(std::string_view topic, std::string_view key, std::string_view value) {
  const std::lock_guard lock(mutex_);
  if (fingerprints_.size() >= capacity) fingerprints_.clear();
  fingerprints_.insert(fingerprint(topic, key, value));
  empty_ = false;
}

bool BatchRefusals::contains(std::string_view topic, std::string_view key, std::string_view value) const {
  if (empty_) return false;
  const std::lock_guard lock(mutex_);
  return fingerprints_.contains(fingerprint(topic, key, value));
}

void BatchRefusals::remove(std::string_view topic, std::string_view key, std::string_view value) {
  if (empty_) return;
  const std::lock_guard lock(mutex_);
  fingerprints_.erase(fingerprint(topic, key, value));
  empty_ = fingerprints_.empty();
}

}  // namespace pbxbridge::sink
