import { Alert, Button, createTheme, Modal, Tooltip } from '@mantine/core';

/** Scrolling is not locked behind a dialog, because that is done by a style element, which the page does not allow. */
export const theme = createTheme({
  components: {
    ModalRoot: Modal.Root.extend({
      defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 0 } },
    }),
    Alert: Alert.extend({ defaultProps: { variant: 'light' } }),
    Button: Button.extend({ defaultProps: { radius: 'md' } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true } }),
  },
});
