#pragma once

// Events by pointer, for what passes them on without a look into them.

#include <boost/smart_ptr/intrusive_ptr.hpp>

namespace pbxbridge {

class Event;
inline void intrusive_ptr_add_ref(const Event* event) noexcept;  // in event.hpp, for whoever copies a pointer
void intrusive_ptr_release(const Event* event) noexcept;

/// Shared between the spool and the sinks, on any thread.
using EventPtr = boost::intrusive_ptr<const Event>;
/// Owner of an event that is not shared yet.
using NewEventPtr = boost::intrusive_ptr<Event>;

}  // namespace pbxbridge
