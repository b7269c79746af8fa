#pragma once

#include "observe/metrics.hpp"
#include "pbxbridge/event.hpp"

#include <bitset>
#include <memory>
#include <string_view>

namespace pbxbridge::event {

/// Oddities that the classifier noticed in the event.
using UntidinessSet = std::bitset<observe::untidiness_count>;

struct Classified {
  NewEventPtr event;
  UntidinessSet untidiness;
};

/// Turns a frame into an event: reads the few fields that routing needs and leaves the bytes alone. Holds the parser's
/// buffers, so keep one for the thread.
class Classifier {
 public:
  Classifier();
  ~Classifier();

  /// Never fails: what cannot be understood is an event of the unknown family.
  Classified classify(std::string_view payload, std::string_view pbx, SystemTime received_at,
                      std::uint32_t connection_epoch);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace pbxbridge::event
