#pragma once

#include "event/untidiness.hpp"
#include "pbxbridge/event_ptr.hpp"
#include "pbxbridge/system_time.hpp"

#include <memory>
#include <string_view>

namespace pbxbridge::event {

class JsonDocument;

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
                      std::uint32_t connection_epoch, bool is_snapshot = false);

  /// The payload that was classified last, parsed: for who reads more of it.
  JsonDocument& document();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace pbxbridge::event
