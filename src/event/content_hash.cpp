#include "event/content_hash.hpp"

#include <xxhash.h>

#include <cstring>

namespace pbxbridge::event {

ContentHash content_hash(std::string_view pbx, std::string_view payload, std::string& buffer) {
  buffer.clear();
  buffer += pbx;
  buffer += '\0';
  buffer += payload;
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(buffer.data(), buffer.size()));
  ContentHash hash;
  static_assert(sizeof(canonical.digest) == sizeof(hash));
  std::memcpy(hash.data(), canonical.digest, hash.size());
  return hash;
}

}  // namespace pbxbridge::event
