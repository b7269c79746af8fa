#include "spool/store/damage.hpp"

#include <algorithm>

namespace pbxbridge::spool {

std::vector<Damage> damaged_and_not_removed(std::vector<Damage> damages, Sequence removed, Sequence last) {
  std::erase_if(damages, [&](const Damage& damage) {
    const Sequence newest = damage.before.value == 0 ? last : Sequence{damage.before.value - 1};
    return newest <= std::max(damage.after, removed);
  });
  return damages;
}

}  // namespace pbxbridge::spool
