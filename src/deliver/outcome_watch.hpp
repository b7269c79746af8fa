#pragma once

#include "pbxbridge/delivery.hpp"
#include "pbxbridge/enum_names.hpp"

#include <cstdint>
#include <string>

namespace pbxbridge::deliver {

/// End of a delivery, or of one attempt at it.
enum class Ending : std::uint8_t {
  delivered,
  retry,
  dead_letter,  ///< rejected for good, and kept
  dropped,      ///< rejected for good, and lost to this sink
};

}  // namespace pbxbridge::deliver

namespace pbxbridge {

template <>
inline constexpr EnumName<deliver::Ending> enum_names<deliver::Ending>[] = {
    {deliver::Ending::delivered, "delivered"},
    {deliver::Ending::retry, "retry"},
    {deliver::Ending::dead_letter, "dead_letter"},
    {deliver::Ending::dropped, "dropped"},
};

}  // namespace pbxbridge

namespace pbxbridge::deliver {

/// Whoever watches how deliveries end. Nobody does, unless a class that derives from it says so: then a delivery costs
/// one look at a flag. Io thread only.
class OutcomeWatch {
 public:
  OutcomeWatch() = default;
  OutcomeWatch(const OutcomeWatch&) = delete;
  OutcomeWatch& operator=(const OutcomeWatch&) = delete;
  virtual ~OutcomeWatch() = default;

  bool is_on() const { return is_on_; }
  /// Called while `is_on`. `reason`: fit for people; empty where it was delivered.
  virtual void ended(const std::string& /*sink*/, const Delivery& /*delivery*/, Ending /*ending*/,
                     const std::string& /*reason*/) {}

 protected:
  void set_on(bool is_on) { is_on_ = is_on; }

 private:
  bool is_on_ = false;
};

}  // namespace pbxbridge::deliver
