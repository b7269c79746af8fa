#pragma once

namespace pbxbridge::memory {

/// Deleter of a std::unique_ptr to what a C library makes and one of its functions frees.
template <auto function>
struct FreeWith {
  template <class Object>
  void operator()(Object* object) const {
    function(object);
  }
};

}  // namespace pbxbridge::memory
