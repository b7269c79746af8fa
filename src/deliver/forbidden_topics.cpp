#include "deliver/forbidden_topics.hpp"

namespace pbxbridge::deliver {

namespace {

constexpr std::size_t suspects_to_forbid = 2;
/// Topics that are made from events may be without number; each of the further ones is found out by itself.
constexpr std::size_t most_topics = 64;

}  // namespace

bool ForbiddenTopics::suspected(const std::string& topic) {
  if (suspects_.size() >= most_topics && !suspects_.contains(topic))
    std::erase_if(suspects_, [](const auto& entry) { return entry.second < suspects_to_forbid; });
  if (suspects_.size() >= most_topics && !suspects_.contains(topic)) return false;
  return ++suspects_[topic] == suspects_to_forbid;
}

bool ForbiddenTopics::delivered(const std::string& topic) {
  const auto found = suspects_.find(topic);
  if (found == suspects_.end()) return false;
  const bool was_forbidden = found->second >= suspects_to_forbid;
  suspects_.erase(found);
  return was_forbidden;
}

bool ForbiddenTopics::contains(const std::string& topic) const {
  const auto found = suspects_.find(topic);
  return found != suspects_.end() && found->second >= suspects_to_forbid;
}

}  // namespace pbxbridge::deliver
