#include "traffic/net/stream.hpp"

#include <boost/asio/error.hpp>

namespace understudy {
namespace {

[[nodiscard]] bool is_would_block(const boost::system::error_code& error) {
  return error == boost::asio::error::would_block || error == boost::asio::error::try_again;
}

}  // namespace

IoResult read_some(TcpSocket& socket, std::span<char> into, boost::system::error_code& error) {
  const std::size_t bytes = socket.read_some(boost::asio::buffer(into.data(), into.size()), error);
  if (!error) return {IoStatus::ok, bytes};
  if (is_would_block(error)) return {IoStatus::want_read, 0};
  return {error == boost::asio::error::eof ? IoStatus::closed : IoStatus::failed, 0};
}

IoResult write_some(TcpSocket& socket, std::span<const boost::asio::const_buffer> from,
                    boost::system::error_code& error) {
  // send() is cheaper than sendmsg(), and most requests are one piece.
  const std::size_t bytes = from.size() == 1 ? socket.write_some(from.front(), error) : socket.write_some(from, error);
  if (!error) return {IoStatus::ok, bytes};
  return {is_would_block(error) ? IoStatus::want_write : IoStatus::failed, 0};
}

}  // namespace understudy
