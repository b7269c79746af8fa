#include "spool/store/spool_id.hpp"

#include <cstdint>
#include <random>

namespace pbxbridge::spool {

SpoolId make_spool_id() {
  std::random_device device;
  const std::uint64_t bits = (std::uint64_t{device()} << 32) | device();
  return SpoolId{bits};
}

}  // namespace pbxbridge::spool
