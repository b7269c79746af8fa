#pragma once

#include "admin/feed.hpp"
#include "admin/responses.hpp"
#include "app/status_board.hpp"
#include "async/latest_timer.hpp"
#include "page/feed_text.hpp"
#include "tap/taps.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace pbxbridge::app {

/// The status page, the files that it loads, and the events that keep it up to date. What is sent is made once a second
/// for all who look at the page, a sample of the events of that second included. While nobody does, only the charts'
/// points are kept. Io thread only.
class StatusPage {
 public:
  /// `board` and `taps` outlive this object.
  StatusPage(boost::asio::io_context& io, const StatusBoard& board, tap::Taps& taps);

  void start() { look(); }
  /// Returns nothing where the path is none of the page's.
  std::optional<admin::Response> respond(std::string_view path) const;

 private:
  void look();
  void publish();
  void end_tap();

  const StatusBoard& board_;
  tap::Taps& taps_;
  std::shared_ptr<tap::Tap> tap_;  // while someone looks at the page
  std::uint64_t pieces_ = 0;       // pieces of live events that were sent
  async::LatestTimer timer_;
  page::ChartHistory history_;
  const std::shared_ptr<admin::Feed> feed_;
};

}  // namespace pbxbridge::app
