// A plug-in that was built for another pbxbridge: nothing after the tag can be read.

struct AnotherLayout {
  const char* tag;
  const void* nonsense;
};

extern "C" const AnotherLayout* pbxbridge_plugin() {
  static const AnotherLayout layout{"pbxbridge api 0, gcc 7", reinterpret_cast<const void*>(8)};
  return &layout;
}
