#include "status/snapshot.hpp"

#include <algorithm>

namespace pbxbridge::status {

std::vector<LatestRejection> latest_rejections(const std::vector<Sink>& sinks) {
  std::vector<LatestRejection> all;
  for (const Sink& sink : sinks)
    for (const deliver::Rejection& rejection : sink.loop.rejections) all.push_back({&sink.name, &rejection});
  std::ranges::stable_sort(all, {}, [](const LatestRejection& each) { return each.rejection->at; });
  if (all.size() > deliver::most_rejections)
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(deliver::most_rejections));
  return all;
}

}  // namespace pbxbridge::status
